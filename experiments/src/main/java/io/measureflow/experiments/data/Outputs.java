package io.measureflow.experiments.data;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Table;
import io.measureflow.api.program.Shape;
import io.measureflow.core.model.Model;
import io.measureflow.core.training.Evaluator;

/**
 * Outputs of a model on all rows of a table, as arrays [rows, p] in row-major order, and metrics
 * computed from them.
 */
public final class Outputs {

  private static final int BATCH = 512;

  private Outputs() {}

  /** Returns the outputs of a model, [rows, p]. */
  public static double[] of(Backend backend, Model model, Table rows) {
    int width = model.spec().outputs();
    double[] outputs = new double[rows.rows() * width];
    int[] at = {0};
    try (var evaluator = new Evaluator(backend, model, BATCH)) {
      evaluator.predict(
          rows,
          (batch, count) -> {
            copy(batch, count * width, outputs, at[0]);
            at[0] += count * width;
          });
    }
    return outputs;
  }

  /** Returns the variances of the outputs under the measure of the last layer, [rows, p]. */
  public static double[] variances(Backend backend, Model model, Table rows) {
    int width = model.spec().outputs();
    double[] variances = new double[rows.rows() * width];
    int[] at = {0};
    try (var evaluator = new Evaluator(backend, model, BATCH)) {
      evaluator.predictWithVariance(
          rows,
          (batch, variance, count) -> {
            copy(variance, count * width, variances, at[0]);
            at[0] += count * width;
          });
    }
    return variances;
  }

  private static void copy(Tensor from, int count, double[] to, int at) {
    for (int i = 0; i < count; i++) {
      to[at + i] = from.get(i);
    }
  }

  /** Returns the labels of all rows. */
  public static int[] labels(Table rows) {
    int count = rows.rows();
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      order[i] = i;
    }
    Tensor targets = Tensor.zeros(Shape.of(count), ElementType.INT32);
    rows.targets(order, 0, targets);
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      labels[i] = (int) targets.get(i);
    }
    return labels;
  }

  /** Returns the fraction of rows whose largest output is at their label. */
  public static double accuracy(double[] outputs, int[] labels) {
    int width = outputs.length / labels.length;
    int correct = 0;
    for (int row = 0; row < labels.length; row++) {
      correct += largest(outputs, row * width, width) == labels[row] ? 1 : 0;
    }
    return (double) correct / labels.length;
  }

  /** Returns the mean softmax cross-entropy of the outputs. */
  public static double crossEntropy(double[] outputs, int[] labels) {
    int width = outputs.length / labels.length;
    double sum = 0;
    for (int row = 0; row < labels.length; row++) {
      double most = outputs[row * width + largest(outputs, row * width, width)];
      double exponentials = 0;
      for (int i = 0; i < width; i++) {
        exponentials += Math.exp(outputs[row * width + i] - most);
      }
      sum += Math.log(exponentials) + most - outputs[row * width + labels[row]];
    }
    return sum / labels.length;
  }

  /** Returns the index, relative to {@code from}, of the largest of {@code width} numbers. */
  public static int largest(double[] numbers, int from, int width) {
    int best = 0;
    for (int i = 1; i < width; i++) {
      if (numbers[from + i] > numbers[from + best]) {
        best = i;
      }
    }
    return best;
  }

  /** Returns the root mean square difference. */
  public static double rootMeanSquare(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return Math.sqrt(sum / a.length);
  }
}
