package io.measureflow.core.measures;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Random Gaussians and mixtures of every kind. */
final class RandomMeasures {

  private final RandomGenerator random;

  RandomMeasures(long seed) {
    this.random = new SplittableRandom(seed);
  }

  RandomGenerator random() {
    return random;
  }

  double[] vector(int length, double scale) {
    double[] vector = new double[length];
    for (int i = 0; i < length; i++) {
      vector[i] = scale * random.nextGaussian();
    }
    return vector;
  }

  /** Returns a covariance of full rank without tiny eigenvalues. */
  Gaussian regular(int n) {
    double[] std = new double[n];
    for (int i = 0; i < n; i++) {
      std[i] = random.nextBoolean() ? random.nextDouble(0.3, 1) : -random.nextDouble(0.3, 1);
    }
    return Gaussian.factored(vector(n, 1), std, vector(n * n, 1), n);
  }

  /** Returns a point, a diagonal, a factored or a dense Gaussian of any rank. */
  Gaussian any(int n) {
    return switch (random.nextInt(5)) {
      case 0 -> Gaussian.point(vector(n, 1));
      case 1 -> Gaussian.diagonal(vector(n, 1), withZeros(vector(n, 1)));
      case 2 -> Gaussian.factored(vector(n, 1), withZeros(vector(n, 1)), vector(n, 1), 1);
      case 3 -> {
        int columns = random.nextInt(2 * n + 1);
        yield Gaussian.dense(vector(n, 1), vector(n * columns, 1), columns);
      }
      default -> regular(n);
    };
  }

  private double[] withZeros(double[] values) {
    for (int i = 0; i < values.length; i++) {
      if (random.nextInt(4) == 0) {
        values[i] = 0;
      }
    }
    return values;
  }

  double[] weights(int count) {
    double[] weights = new double[count];
    double sum = 0;
    for (int k = 0; k < count; k++) {
      weights[k] = random.nextDouble(0.05, 1);
      sum += weights[k];
    }
    for (int k = 0; k < count; k++) {
      weights[k] /= sum;
    }
    return weights;
  }

  GaussianMixture mixture(int components, int n) {
    List<Gaussian> list = new ArrayList<>();
    for (int k = 0; k < components; k++) {
      list.add(any(n));
    }
    return new GaussianMixture(weights(components), list);
  }
}
