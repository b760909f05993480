package io.measureflow.cli.report;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.measure.ComponentSize;
import io.measureflow.api.measure.GaussianFamily;
import io.measureflow.api.model.Layer;
import io.measureflow.core.layers.MeasureLayer;
import io.measureflow.core.model.MixtureWeights;
import io.measureflow.core.model.Model;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * One Gaussian of the measure of a layer, on theta = (a, w).
 *
 * @param index k
 * @param weight its weight in the mixture
 * @param out the mean of a, [p]
 * @param in the mean of w, [n]
 * @param std the standard deviations of w given by the diagonal part, [n]
 * @param factor the part of w of the factor, [n, rank], row by row
 * @param rank the number of columns of the factor
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record Component(
    int index, double weight, double[] out, double[] in, double[] std, double[] factor, int rank) {

  private static final int ITERATIONS = 60;
  private static final double CONVERGED = 1e-9;
  private static final String LOG_WEIGHTS = "log_weights";

  /** Whether a layer has components that can be shown. */
  static boolean areIn(Layer layer) {
    return layer instanceof MeasureLayer measure
        && measure.mixture().family() instanceof GaussianFamily;
  }

  /**
   * Reads the components of a layer, the heaviest first, at most some.
   *
   * @param layer the path of the layer
   */
  static List<Component> heaviest(Model model, String layer, int most) {
    if (!(model.spec().byPath().get(layer) instanceof MeasureLayer measure)
        || !(measure.mixture().family() instanceof GaussianFamily family)) {
      throw new IllegalArgumentException(layer + " is no mixture of Gaussians");
    }
    ComponentSize size = measure.mixture().size();
    Function<String, Tensor> parameters = name -> model.parameter(Model.parameterName(layer, name));
    double[] weights = MixtureWeights.of(parameters.apply(LOG_WEIGHTS).toDoubles());
    double[] out = parameters.apply(GaussianFamily.OUT_MEAN).toDoubles();
    double[] in = parameters.apply(GaussianFamily.IN_MEAN).toDoubles();
    int p = size.outputs();
    int n = size.inputs();
    var components = new ArrayList<Component>();
    // Equal weights are usual: then those with the largest outputs matter most.
    Comparator<Integer> order =
        Comparator.comparingDouble((Integer k) -> -weights[k])
            .thenComparingDouble(k -> -norm(slice(out, k * p, p)));
    for (int k : IntStream.range(0, weights.length).boxed().sorted(order).limit(most).toList()) {
      GaussianFamily.Root root = family.root(size, parameters, k);
      int rank = root.factor().shape().dimension(1);
      components.add(
          new Component(
              k,
              weights[k],
              slice(out, k * p, p),
              slice(in, k * n, n),
              slice(root.standardDeviations().toDoubles(), p, n),
              slice(root.factor().toDoubles(), p * rank, n * rank),
              rank));
    }
    return components;
  }

  private static double[] slice(double[] values, int from, int length) {
    double[] slice = new double[length];
    System.arraycopy(values, from, slice, 0, length);
    return slice;
  }

  static double norm(double[] vector) {
    double sum = 0;
    for (double value : vector) {
      sum += value * value;
    }
    return Math.sqrt(sum);
  }

  /** Returns the standard deviation of each coordinate of w, [n]. */
  double[] marginalStd() {
    double[] marginal = new double[in.length];
    for (int j = 0; j < marginal.length; j++) {
      double sum = std[j] * std[j];
      for (int r = 0; r < rank; r++) {
        sum += factor[j * rank + r] * factor[j * rank + r];
      }
      marginal[j] = Math.sqrt(sum);
    }
    return marginal;
  }

  /**
   * An eigenvector of the covariance of w.
   *
   * @param variance the eigenvalue
   * @param vector [n], of length 1
   */
  record Direction(double variance, double[] vector) {}

  /**
   * Returns the directions of greatest variance, the greatest first; none where the covariance is
   * diagonal, as they are then the coordinates themselves.
   */
  List<Direction> directions(int most) {
    var found = new ArrayList<Direction>();
    for (int i = 0; i < Math.min(most, rank); i++) {
      double[] vector = new double[in.length];
      // Begins with a column of the factor, which is close for a small diagonal part.
      for (int j = 0; j < vector.length; j++) {
        vector[j] = factor[j * rank + i] + 1e-9 * (1 + j % 7);
      }
      double variance = 0;
      for (int step = 0; step < ITERATIONS; step++) {
        for (Direction earlier : found) {
          double along = dot(vector, earlier.vector());
          for (int j = 0; j < vector.length; j++) {
            vector[j] -= along * earlier.vector()[j];
          }
        }
        double length = norm(vector);
        if (!(length > 0)) {
          return found;
        }
        for (int j = 0; j < vector.length; j++) {
          vector[j] /= length;
        }
        double[] next = timesCovariance(vector);
        double before = variance;
        variance = dot(next, vector);
        if (step == ITERATIONS - 1 || Math.abs(variance - before) <= CONVERGED * variance) {
          break;
        }
        vector = next;
      }
      found.add(new Direction(variance, vector));
    }
    found.sort(Comparator.comparingDouble(direction -> -direction.variance()));
    return found;
  }

  private double[] timesCovariance(double[] vector) {
    double[] latent = new double[rank];
    double[] product = new double[vector.length];
    for (int j = 0; j < vector.length; j++) {
      for (int r = 0; r < rank; r++) {
        latent[r] += factor[j * rank + r] * vector[j];
      }
    }
    for (int j = 0; j < vector.length; j++) {
      product[j] = std[j] * std[j] * vector[j];
      for (int r = 0; r < rank; r++) {
        product[j] += factor[j * rank + r] * latent[r];
      }
    }
    return product;
  }

  private static double dot(double[] left, double[] right) {
    double sum = 0;
    for (int j = 0; j < left.length; j++) {
      sum += left[j] * right[j];
    }
    return sum;
  }
}
