package io.measureflow.experiments.dynamics;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.measure.GaussianFamily;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import io.measureflow.core.families.Families;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.measures.Gaussian;
import io.measureflow.core.measures.GaussianMixture;
import io.measureflow.core.measures.NeuronSampling;
import io.measureflow.core.model.Model;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The neurons (a, w) of a dense layer, in groups of equal size by the component they were drawn
 * from.
 */
final class Neurons {

  private static final int ITERATIONS = 40;

  private final double[] theta;
  private final int width;
  private final int outputs;
  private final int groups;
  private final int each;

  private Neurons(double[] theta, int width, int outputs, int groups) {
    this.theta = theta;
    this.width = width;
    this.outputs = outputs;
    this.groups = groups;
    this.each = theta.length / width / groups;
  }

  /** Returns the neurons of a model with a single Dirac layer. */
  static Neurons of(Model model, int groups) {
    var layer = (MixtureLayer) model.spec().layers().getFirst();
    double[] out = model.parameter(Model.parameterName(0, GaussianFamily.OUT_MEAN)).toDoubles();
    double[] in = model.parameter(Model.parameterName(0, GaussianFamily.IN_MEAN)).toDoubles();
    int p = layer.outputs();
    int n = in.length / layer.components();
    double[] theta = new double[out.length + in.length];
    for (int m = 0; m < layer.components(); m++) {
      System.arraycopy(out, m * p, theta, m * (p + n), p);
      System.arraycopy(in, m * n, theta, m * (p + n) + p, n);
    }
    return new Neurons(theta, p + n, p, groups);
  }

  /**
   * Draws the neurons of a dense layer from a mixture with equal weights: equally many from each
   * component, component by component.
   */
  static Model draw(
      NeuronSampling sampling, GaussianMixture measure, int each, RandomGenerator random) {
    var out = new ArrayList<double[]>();
    var in = new ArrayList<double[]>();
    for (Gaussian component : measure.components()) {
      Model part = sampling.diracLayer(GaussianMixture.uniform(List.of(component)), each, random);
      out.add(part.parameter(Model.parameterName(0, GaussianFamily.OUT_MEAN)).toDoubles());
      in.add(part.parameter(Model.parameterName(0, GaussianFamily.IN_MEAN)).toDoubles());
    }
    int count = each * measure.components().size();
    int p = sampling.outputs();
    int n = measure.dimension() - p;
    var spec =
        new ModelSpec(
            List.of(
                new MixtureLayer(
                    Families.DIRAC,
                    sampling.activation(),
                    sampling.bias(),
                    sampling.bias() ? n - 1 : n,
                    p,
                    count,
                    0)));
    var tensors = new LinkedHashMap<String, Tensor>();
    tensors.put(
        Model.parameterName(0, GaussianFamily.OUT_MEAN),
        Tensor.of(Shape.of(count, p), joined(out)));
    tensors.put(
        Model.parameterName(0, GaussianFamily.IN_MEAN), Tensor.of(Shape.of(count, n), joined(in)));
    return Model.of(spec, tensors, "drawn layer");
  }

  private static double[] joined(List<double[]> parts) {
    int length = parts.stream().mapToInt(part -> part.length).sum();
    double[] joined = new double[length];
    int at = 0;
    for (double[] part : parts) {
      System.arraycopy(part, 0, joined, at, part.length);
      at += part.length;
    }
    return joined;
  }

  /** The number of neurons in a group. */
  int each() {
    return each;
  }

  /** The root mean square distance between the neurons and their starting points. */
  double displacement(Neurons start) {
    double sum = 0;
    for (int i = 0; i < theta.length; i++) {
      double moved = theta[i] - start.theta[i];
      sum += moved * moved;
    }
    return Math.sqrt(sum / groups / each);
  }

  /** The means of the groups, [groups, width]. */
  double[] means() {
    double[] means = new double[groups * width];
    for (int m = 0; m < groups * each; m++) {
      int group = m / each;
      for (int i = 0; i < width; i++) {
        means[group * width + i] += theta[m * width + i] / each;
      }
    }
    return means;
  }

  /**
   * The mean trace of the covariance within a group, over the coordinates from {@code from} up to
   * {@code to}.
   */
  private double trace(int from, int to) {
    if (each < 2) {
      return Double.NaN;
    }
    double[] means = means();
    double sum = 0;
    for (int m = 0; m < groups * each; m++) {
      for (int i = from; i < to; i++) {
        double centered = theta[m * width + i] - means[m / each * width + i];
        sum += centered * centered;
      }
    }
    return sum / groups / (each - 1);
  }

  /** The mean trace of the covariance of w within a group; NaN for groups of one neuron. */
  double traceIn() {
    return trace(outputs, width);
  }

  /** The mean trace of the covariance of a within a group; NaN for groups of one neuron. */
  double traceOut() {
    return trace(0, outputs);
  }

  /** The neurons as point masses. */
  List<Gaussian> points() {
    var points = new ArrayList<Gaussian>(groups * each);
    for (int m = 0; m < groups * each; m++) {
      points.add(Gaussian.point(Arrays.copyOfRange(theta, m * width, (m + 1) * width)));
    }
    return points;
  }

  /** The Gaussian with the empirical mean and covariance of a group. */
  Gaussian gaussian(int group) {
    double[] means = means();
    double[] mean = new double[width];
    System.arraycopy(means, group * width, mean, 0, width);
    double[] root = new double[width * each];
    double scale = 1 / Math.sqrt(Math.max(1, each - 1));
    for (int m = 0; m < each; m++) {
      for (int i = 0; i < width; i++) {
        root[i * each + m] = scale * (theta[(group * each + m) * width + i] - mean[i]);
      }
    }
    return Gaussian.dense(mean, root, each);
  }

  /** The two leading principal directions of all neurons, by orthogonal iteration, [2, width]. */
  double[][] leadingDirections() {
    int count = groups * each;
    double[] mean = new double[width];
    for (int m = 0; m < count; m++) {
      for (int i = 0; i < width; i++) {
        mean[i] += theta[m * width + i] / count;
      }
    }
    double[][] directions = new double[2][width];
    // Any start works that is not orthogonal to the leading directions.
    for (int i = 0; i < width; i++) {
      directions[0][i] = 1 + i % 3;
      directions[1][i] = i % 2 == 0 ? 1 : -1.5;
    }
    orthonormalize(directions);
    for (int iteration = 0; iteration < ITERATIONS; iteration++) {
      double[][] next = new double[2][width];
      for (int m = 0; m < count; m++) {
        double x = 0;
        double y = 0;
        for (int i = 0; i < width; i++) {
          double centered = theta[m * width + i] - mean[i];
          x += centered * directions[0][i];
          y += centered * directions[1][i];
        }
        for (int i = 0; i < width; i++) {
          double centered = theta[m * width + i] - mean[i];
          next[0][i] += x * centered;
          next[1][i] += y * centered;
        }
      }
      orthonormalize(next);
      directions = next;
    }
    return directions;
  }

  private static void orthonormalize(double[][] directions) {
    scale(directions[0], 1 / Math.sqrt(dot(directions[0], directions[0])));
    double along = dot(directions[0], directions[1]);
    for (int i = 0; i < directions[1].length; i++) {
      directions[1][i] -= along * directions[0][i];
    }
    scale(directions[1], 1 / Math.sqrt(dot(directions[1], directions[1])));
  }

  private static void scale(double[] vector, double factor) {
    for (int i = 0; i < vector.length; i++) {
      vector[i] *= factor;
    }
  }

  static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /** The coordinate of a neuron along a direction. */
  double along(double[] direction, int group, int member) {
    int at = (group * each + member) * width;
    double sum = 0;
    for (int i = 0; i < width; i++) {
      sum += theta[at + i] * direction[i];
    }
    return sum;
  }
}
