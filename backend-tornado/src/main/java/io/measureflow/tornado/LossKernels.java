package io.measureflow.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Softmax, losses and metrics: one work item per row, as rows are as short as classes are few. */
final class LossKernels {

  private LossKernels() {}

  /** Returns the parameters of all these kernels: rows of {@code width} elements. */
  static int[] parameters(int rows, int width, int a, int out) {
    return new int[] {rows, width, a, out};
  }

  private static float largest(FloatArray m, int from, int width) {
    float max = m.get(from);
    for (int j = 1; j < width; j++) {
      float value = m.get(from + j);
      max = value > max ? value : max;
    }
    return max;
  }

  private static float sumOfExponentials(FloatArray m, int from, int width, float max) {
    float sum = 0;
    for (int j = 0; j < width; j++) {
      sum += TornadoMath.exp(m.get(from + j) - max);
    }
    return sum;
  }

  /** out = softmax(a) along rows. */
  static void softmax(KernelContext c, IntArray p, FloatArray m) {
    softmax(p, m, c.globalIdx, c.globalGroupSizeX);
  }

  static void softmax(IntArray p, FloatArray m, int first, int step) {
    int width = p.get(1);
    for (int row = first; row < p.get(0); row += step) {
      int from = p.get(2) + row * width;
      int to = p.get(3) + row * width;
      float max = largest(m, from, width);
      float sum = sumOfExponentials(m, from, width, max);
      for (int j = 0; j < width; j++) {
        m.set(to + j, TornadoMath.exp(m.get(from + j) - max) / sum);
      }
    }
  }

  /** out = log sum exp(a) - a_label of each row. */
  static void crossEntropy(KernelContext c, IntArray p, FloatArray m, IntArray labels) {
    crossEntropy(p, m, labels, c.globalIdx, c.globalGroupSizeX);
  }

  static void crossEntropy(IntArray p, FloatArray m, IntArray labels, int first, int step) {
    int width = p.get(1);
    for (int row = first; row < p.get(0); row += step) {
      int from = p.get(2) + row * width;
      float max = largest(m, from, width);
      float sum = sumOfExponentials(m, from, width, max);
      m.set(p.get(3) + row, max - m.get(from + labels.get(row)) + TornadoMath.log(sum));
    }
  }

  /** out = (softmax(a) - onehot(label)) / rows. */
  static void crossEntropyGradient(KernelContext c, IntArray p, FloatArray m, IntArray labels) {
    crossEntropyGradient(p, m, labels, c.globalIdx, c.globalGroupSizeX);
  }

  static void crossEntropyGradient(IntArray p, FloatArray m, IntArray labels, int first, int step) {
    int rows = p.get(0);
    int width = p.get(1);
    for (int row = first; row < rows; row += step) {
      int from = p.get(2) + row * width;
      int to = p.get(3) + row * width;
      float max = largest(m, from, width);
      float sum = sumOfExponentials(m, from, width, max);
      for (int j = 0; j < width; j++) {
        float probability = TornadoMath.exp(m.get(from + j) - max) / sum;
        m.set(to + j, (labels.get(row) == j ? probability - 1 : probability) / rows);
      }
    }
  }

  /** out = 1 where the first of the largest entries of a row stands at its label, else 0. */
  static void correct(KernelContext c, IntArray p, FloatArray m, IntArray labels) {
    correct(p, m, labels, c.globalIdx, c.globalGroupSizeX);
  }

  static void correct(IntArray p, FloatArray m, IntArray labels, int first, int step) {
    int width = p.get(1);
    for (int row = first; row < p.get(0); row += step) {
      int from = p.get(2) + row * width;
      int best = 0;
      for (int j = 1; j < width; j++) {
        best = m.get(from + j) > m.get(from + best) ? j : best;
      }
      m.set(p.get(3) + row, best == labels.get(row) ? 1f : 0f);
    }
  }
}
