package io.measureflow.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Steps of the flows, in place. */
final class UpdateKernels {

  private UpdateKernels() {}

  /**
   * Returns the parameters of all steps.
   *
   * @param n the number of elements of the state
   * @param width the number of elements that share a scale
   * @param arrays the offsets of state, gradient, scale and rate, followed by the step's own
   */
  static int[] parameters(int n, int width, int... arrays) {
    int[] all = new int[2 + arrays.length];
    all[0] = n;
    all[1] = width;
    System.arraycopy(arrays, 0, all, 2, arrays.length);
    return all;
  }

  /** theta -= rate c g, by blocks. */
  static void eulerBlocks(KernelContext c, IntArray p, FloatArray m) {
    int n = p.get(0);
    int chunk = (n + c.globalGroupSizeX - 1) / c.globalGroupSizeX;
    int from = c.globalIdx * chunk;
    euler(p, m, from, from + chunk < n ? from + chunk : n, 1);
  }

  /** theta -= rate c g, by strides. */
  static void eulerStrided(KernelContext c, IntArray p, FloatArray m) {
    euler(p, m, c.globalIdx, p.get(0), c.globalGroupSizeX);
  }

  static void euler(IntArray p, FloatArray m, int first, int end, int step) {
    int width = p.get(1);
    int theta = p.get(2);
    int gradient = p.get(3);
    int scale = p.get(4);
    float rate = m.get(p.get(5));
    for (int i = first; i < end; i += step) {
      float g = m.get(scale + i / width) * m.get(gradient + i);
      m.set(theta + i, m.get(theta + i) - rate * g);
    }
  }

  /**
   * u = momentum u + c g; theta -= rate u, or rate (c g + momentum u). After the rate: u, the
   * offset of momentum, 1 for Nesterov.
   */
  static void momentum(KernelContext c, IntArray p, FloatArray m) {
    momentum(p, m, c.globalIdx, p.get(0), c.globalGroupSizeX);
  }

  static void momentum(IntArray p, FloatArray m, int first, int end, int step) {
    int width = p.get(1);
    float rate = m.get(p.get(5));
    int velocity = p.get(6);
    float momentum = m.get(p.get(7));
    boolean nesterov = p.get(8) == 1;
    for (int i = first; i < end; i += step) {
      float g = m.get(p.get(4) + i / width) * m.get(p.get(3) + i);
      float u = momentum * m.get(velocity + i) + g;
      m.set(velocity + i, u);
      float direction = nesterov ? g + momentum * u : u;
      m.set(p.get(2) + i, m.get(p.get(2) + i) - rate * direction);
    }
  }

  /**
   * Adam. After the rate: first and second moment, the step number, and the offset of beta1, beta2,
   * 1 - beta1, 1 - beta2, log beta1, log beta2, epsilon, weight decay.
   */
  static void adam(KernelContext c, IntArray p, FloatArray m) {
    adam(p, m, c.globalIdx, p.get(0), c.globalGroupSizeX);
  }

  static void adam(IntArray p, FloatArray m, int first, int end, int step) {
    int width = p.get(1);
    float rate = m.get(p.get(5));
    float number = m.get(p.get(8));
    int numbers = p.get(9);
    float beta1 = m.get(numbers);
    float beta2 = m.get(numbers + 1);
    float rest1 = m.get(numbers + 2);
    float rest2 = m.get(numbers + 3);
    // Computes 1 - beta^t by the logarithm of beta: for beta near 1 the difference would cancel.
    float bias1 = Functions.oneMinusExp(number * m.get(numbers + 4));
    float bias2 = Functions.oneMinusExp(number * m.get(numbers + 5));
    float epsilon = m.get(numbers + 6);
    float decay = m.get(numbers + 7);
    for (int i = first; i < end; i += step) {
      float g = m.get(p.get(4) + i / width) * m.get(p.get(3) + i);
      float mean = beta1 * m.get(p.get(6) + i) + rest1 * g;
      float square = beta2 * m.get(p.get(7) + i) + rest2 * g * g;
      m.set(p.get(6) + i, mean);
      m.set(p.get(7) + i, square);
      float theta = m.get(p.get(2) + i);
      float direction = mean / bias1 / (TornadoMath.sqrt(square / bias2) + epsilon);
      m.set(p.get(2) + i, theta - rate * (direction + decay * theta));
    }
  }

  /** theta -= log sum exp(theta), for n elements from an offset: a single work item. */
  static void logNormalize(KernelContext c, IntArray p, FloatArray m) {
    if (c.globalIdx == 0) {
      logNormalize(p, m);
    }
  }

  static void logNormalize(IntArray p, FloatArray m) {
    int n = p.get(0);
    int theta = p.get(2);
    float max = m.get(theta);
    for (int i = 1; i < n; i++) {
      max = m.get(theta + i) > max ? m.get(theta + i) : max;
    }
    float sum = 0;
    for (int i = 0; i < n; i++) {
      sum += TornadoMath.exp(m.get(theta + i) - max);
    }
    float normaliser = TornadoMath.log(sum);
    for (int i = 0; i < n; i++) {
      m.set(theta + i, m.get(theta + i) - max - normaliser);
    }
  }
}
