package io.measureflow.core.conversion;

import io.measureflow.core.activations.Activations;
import io.measureflow.core.layers.Kernel;
import io.measureflow.core.layers.MeasureLayer;
import io.measureflow.core.layers.MixtureConvLayer;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.measures.GaussianMixture;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Neurons theta = (a, w) drawn from a measure, of weights that estimate it.
 *
 * @param width the length of theta
 * @param points [M, width]
 * @param weights [M], of sum 1
 */
@SuppressWarnings("ArrayRecordComponent") // Private and short-lived.
record DrawnNeurons(int width, double[] points, double[] weights) {

  /** Draws independent neurons of equal weight. */
  static DrawnNeurons independent(GaussianMixture measure, int count, RandomGenerator random) {
    double[] weights = new double[count];
    Arrays.fill(weights, 1.0 / count);
    return new DrawnNeurons(measure.dimension(), measure.sample(count, random), weights);
  }

  /**
   * Draws from each component as many neurons as its share, which divide its weight evenly; if
   * there are fewer neurons than components, neurons of equal weight from components at evenly
   * spaced points of the cumulative weights.
   */
  static DrawnNeurons stratified(GaussianMixture measure, int count, RandomGenerator random) {
    double[] weights = measure.weights();
    boolean all = count >= weights.length;
    int[] shares = all ? shares(weights, count) : systematic(weights, count, random.nextDouble());
    int width = measure.dimension();
    double[] points = new double[Math.multiplyExact(count, width)];
    double[] each = new double[count];
    int at = 0;
    for (int k = 0; k < weights.length; k++) {
      for (int i = 0; i < shares[k]; i++, at++) {
        double[] point = measure.components().get(k).sample(random);
        System.arraycopy(point, 0, points, at * width, width);
        each[at] = all ? weights[k] / shares[k] : 1.0 / count;
      }
    }
    return new DrawnNeurons(width, points, each);
  }

  /** Divides a number of neurons by weight, at least one for each component. */
  private static int[] shares(double[] weights, int count) {
    int[] shares = new int[weights.length];
    int given = 0;
    for (int k = 0; k < shares.length; k++) {
      shares[k] = Math.max(1, (int) (count * weights[k]));
      given += shares[k];
    }
    for (; given < count; given++) {
      shares[furthest(weights, shares, count, 1)]++;
    }
    for (; given > count; given--) {
      shares[furthest(weights, shares, count, -1)]--;
    }
    return shares;
  }

  /** Returns the component that lacks most neurons (sign 1) or has most in excess (sign -1). */
  private static int furthest(double[] weights, int[] shares, int count, int sign) {
    int furthest = -1;
    double most = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < shares.length; k++) {
      double lack = sign * (count * weights[k] - shares[k]);
      if (lack > most && (sign > 0 || shares[k] > 1)) {
        most = lack;
        furthest = k;
      }
    }
    return furthest;
  }

  private static int[] systematic(double[] weights, int count, double start) {
    int[] shares = new int[weights.length];
    int k = 0;
    double cumulative = weights[0];
    for (int i = 0; i < count; i++) {
      double point = (i + start) / count;
      while (point >= cumulative && k < weights.length - 1) {
        k++;
        cumulative += weights[k];
      }
      shares[k]++;
    }
    return shares;
  }

  private int count() {
    return weights.length;
  }

  /** Returns the layer of the neurons, sigma(w.x). */
  Linear hidden(MeasureLayer layer) {
    MixtureLayer mixture = layer.mixture();
    int features = mixture.inputs();
    double[] weight = new double[count() * features];
    double[] bias = new double[count()];
    for (int m = 0; m < count(); m++) {
      int from = m * width + mixture.outputs();
      System.arraycopy(points, from, weight, m * features, features);
      if (mixture.bias()) {
        bias[m] = points[from + features];
      }
    }
    return new Linear(
        kernel(layer),
        mixture.activation(),
        layer instanceof MixtureConvLayer conv ? conv.inputs() : features,
        count(),
        mixture.bias(),
        weight,
        bias);
  }

  /** Returns the layer of their output weights. */
  Linear output(MeasureLayer layer) {
    int outputs = layer.mixture().outputs();
    double[] weight = new double[outputs * count()];
    for (int m = 0; m < count(); m++) {
      for (int i = 0; i < outputs; i++) {
        weight[i * count() + m] = weights[m] * points[m * width + i];
      }
    }
    return new Linear(
        kernel(layer) == null ? null : Kernel.square(1),
        Activations.IDENTITY,
        count(),
        outputs,
        false,
        weight,
        new double[outputs]);
  }

  private static @Nullable Kernel kernel(MeasureLayer layer) {
    return layer instanceof MixtureConvLayer conv ? conv.kernel() : null;
  }
}
