package io.measureflow.experiments;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Table;
import io.measureflow.api.measure.Family;
import io.measureflow.api.measure.GaussianFamily;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import io.measureflow.core.families.Families;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.model.Model;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * How far the outputs of networks of M neurons drawn from a mixture layer lie from the layer's own:
 * exactly, from the covariance of a sigma(w.x) under its measure, for each row of a table. By the
 * central limit theorem the outputs of a network are about N(f(x), C(x) / M).
 */
final class SamplingError {

  private static final String OUT_FACTOR = "out_factor";
  private static final double ROUNDING = 1e-6;

  private final double[] outputs;
  private final double[] covariances;
  private final int[] labels;
  private final int width;

  private SamplingError(double[] outputs, double[] covariances, int[] labels, int width) {
    this.outputs = outputs;
    this.covariances = covariances;
    this.labels = labels;
    this.width = width;
  }

  /** What the fractions of correct rows are expected to be. */
  record Accuracy(double expected, double low, double high) {}

  /**
   * The error of a model of one mixture layer on rows with labels.
   *
   * @param outputs the layer's own outputs on the rows
   */
  static SamplingError of(
      Backend backend, Model model, Table rows, double[] outputs, int[] labels) {
    int width = model.spec().outputs();
    double[] variances = Outputs.variances(backend, withDifferences(model), rows);
    int all = width * (width + 1) / 2;
    double[] covariances = new double[labels.length * width * width];
    for (int row = 0; row < labels.length; row++) {
      int pair = width;
      for (int i = 0; i < width; i++) {
        double own = variances[row * all + i];
        covariances[(row * width + i) * width + i] = own;
        for (int j = i + 1; j < width; j++) {
          // Var(f_i - f_j) = Var f_i + Var f_j - 2 Cov.
          double covariance = (own + variances[row * all + j] - variances[row * all + pair++]) / 2;
          covariances[(row * width + i) * width + j] = covariance;
          covariances[(row * width + j) * width + i] = covariance;
        }
      }
    }
    return new SamplingError(outputs, covariances, labels, width);
  }

  /**
   * The layer with further outputs: the differences f_i - f_j, {@literal i < j}, of those that it
   * has. It is the same measure with a mapped linearly, so that the variances of differences, and
   * with them covariances, come from what computes variances. A family whose root has a column for
   * each output becomes a factored one without a diagonal, which may have any number of them.
   */
  private static Model withDifferences(Model model) {
    var layer = (MixtureLayer) model.spec().layers().getFirst();
    int width = layer.outputs();
    int all = width * (width + 1) / 2;
    boolean whole = layer.family().rankRule() == Family.RankRule.WHOLE;
    int inputs = layer.inputs() + (layer.bias() ? 1 : 0);
    var spec =
        new ModelSpec(
            List.of(
                new MixtureLayer(
                    whole ? Families.FACTORED : layer.family(),
                    layer.activation(),
                    layer.bias(),
                    layer.inputs(),
                    all,
                    layer.components(),
                    whole ? inputs + width : layer.rank())));
    var tensors = new LinkedHashMap<String, Tensor>();
    model.parameters().forEach(tensors::put);
    if (whole) {
      tensors.put(
          Model.parameterName(0, "in_std"),
          Tensor.zeros(Shape.of(layer.components(), inputs), ElementType.FLOAT64));
    }
    for (String name : List.of(GaussianFamily.OUT_MEAN, OUT_FACTOR)) {
      String full = Model.parameterName(0, name);
      if (model.parameters().containsKey(full)) {
        Tensor tensor = model.parameter(full);
        int inner = tensor.shape().rank() == 2 ? 1 : tensor.shape().dimension(2);
        double[] mapped = differences(tensor.toDoubles(), layer.components(), width, inner);
        tensors.put(
            full,
            Tensor.of(
                tensor.shape().rank() == 2
                    ? Shape.of(layer.components(), all)
                    : Shape.of(layer.components(), all, inner),
                mapped));
      }
    }
    return Model.of(spec, tensors, "layer with differences of outputs");
  }

  private static double[] differences(double[] values, int components, int width, int inner) {
    int all = width * (width + 1) / 2;
    double[] mapped = new double[components * all * inner];
    for (int k = 0; k < components; k++) {
      int from = k * width * inner;
      int to = k * all * inner;
      System.arraycopy(values, from, mapped, to, width * inner);
      int pair = width;
      for (int i = 0; i < width; i++) {
        for (int j = i + 1; j < width; j++, pair++) {
          for (int r = 0; r < inner; r++) {
            mapped[to + pair * inner + r] =
                values[from + i * inner + r] - values[from + j * inner + r];
          }
        }
      }
    }
    return mapped;
  }

  /** The covariance of one neuron's outputs on a row, [p, p]. */
  double[] covariance(int row) {
    double[] covariance = new double[width * width];
    System.arraycopy(covariances, row * width * width, covariance, 0, covariance.length);
    return covariance;
  }

  /** The root of the mean over rows and outputs of the variance of a network of M neurons. */
  double rootMeanSquare(int neurons) {
    double sum = 0;
    for (int row = 0; row < labels.length; row++) {
      for (int i = 0; i < width; i++) {
        sum += covariances[(row * width + i) * width + i];
      }
    }
    return Math.sqrt(sum / (labels.length * width) / neurons);
  }

  /**
   * The accuracy of networks of M neurons: expected by the central limit theorem, and between which
   * bounds the rows lie whose margin over the strongest rival is more than one of its standard
   * deviations from 0.
   *
   * @param draws how often each row's outputs are drawn from their normal law
   */
  Accuracy accuracy(int neurons, int draws, RandomGenerator random) {
    long correct = 0;
    int low = 0;
    int high = 0;
    double[] normal = new double[width];
    double[] drawn = new double[width];
    for (int row = 0; row < labels.length; row++) {
      double[] root = root(row);
      double scale = 1 / Math.sqrt(neurons);
      for (int draw = 0; draw < draws; draw++) {
        for (int i = 0; i < width; i++) {
          normal[i] = random.nextGaussian();
        }
        for (int i = 0; i < width; i++) {
          double sum = 0;
          for (int j = 0; j <= i; j++) {
            sum += root[i * width + j] * normal[j];
          }
          drawn[i] = outputs[row * width + i] + scale * sum;
        }
        correct += Outputs.largest(drawn, 0, width) == labels[row] ? 1 : 0;
      }
      double margin = margin(row);
      double deviation = scale * marginDeviation(row);
      low += margin > deviation ? 1 : 0;
      high += margin > -deviation ? 1 : 0;
    }
    return new Accuracy(
        (double) correct / ((long) draws * labels.length),
        (double) low / labels.length,
        (double) high / labels.length);
  }

  private int rival(int row) {
    int label = labels[row];
    int rival = label == 0 ? 1 : 0;
    for (int i = 0; i < width; i++) {
      if (i != label && outputs[row * width + i] > outputs[row * width + rival]) {
        rival = i;
      }
    }
    return rival;
  }

  private double margin(int row) {
    return outputs[row * width + labels[row]] - outputs[row * width + rival(row)];
  }

  private double marginDeviation(int row) {
    int label = labels[row];
    int rival = rival(row);
    double[] c = covariance(row);
    return Math.sqrt(
        Math.max(
            0, c[label * width + label] + c[rival * width + rival] - 2 * c[label * width + rival]));
  }

  /** The lower triangular L with L L' = C (Cholesky), of a C that rounding may have bent. */
  private double[] root(int row) {
    double[] c = covariance(row);
    double largest = 0;
    for (int i = 0; i < width; i++) {
      largest = Math.max(largest, c[i * width + i]);
    }
    double[] root = new double[width * width];
    for (int i = 0; i < width; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = c[i * width + j];
        for (int k = 0; k < j; k++) {
          sum -= root[i * width + k] * root[j * width + k];
        }
        if (i == j) {
          root[i * width + i] = Math.sqrt(Math.max(sum, ROUNDING * largest));
        } else {
          double pivot = root[j * width + j];
          root[i * width + j] = pivot == 0 ? 0 : sum / pivot;
        }
      }
    }
    return root;
  }
}
