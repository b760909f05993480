package io.measureflow.core.metrics;

import io.measureflow.core.losses.Softmax;
import io.measureflow.core.metrics.ClassificationMetrics.Bin;
import io.measureflow.core.metrics.ClassificationMetrics.ClassMetrics;
import io.measureflow.core.metrics.ClassificationMetrics.Macro;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Gathers the metrics of classes row by row, in memory that does not grow with the rows; only for
 * two classes, whose ROC curve needs them, it keeps a number for each row.
 */
public final class ClassificationMeter {

  private final List<String> names;
  private final long[] rowsOf;
  private final long[] predictedAs;
  private final long[] right;
  private final long[][] confusion;
  private final long[] binRows = new long[ClassificationMetrics.BINS];
  private final long[] binRight = new long[ClassificationMetrics.BINS];
  private final double[] binConfidence = new double[ClassificationMetrics.BINS];
  private final double[] probabilities;
  private final Scores negative = new Scores();
  private final Scores positive = new Scores();
  private double logLoss;
  private long rows;

  /**
   * @param names the names of the classes, at least one
   */
  public ClassificationMeter(List<String> names) {
    if (names.isEmpty()) {
      throw new IllegalArgumentException("Metrics: expected at least one class, found none");
    }
    this.names = List.copyOf(names);
    int classes = names.size();
    rowsOf = new long[classes];
    predictedAs = new long[classes];
    right = new long[classes];
    probabilities = new double[classes];
    confusion =
        classes <= ClassificationMetrics.MOST_CONFUSED ? new long[classes][classes] : new long[0][];
  }

  /**
   * Adds a row.
   *
   * @param logits the logits of the classes, finite; further entries are left out of account; not
   *     changed
   * @param label the true class, from 0
   */
  public void add(double[] logits, int label) {
    int classes = probabilities.length;
    if (label < 0 || label >= classes) {
      throw new IllegalArgumentException(
          "Metrics: expected a class from 0 to " + (classes - 1) + ", found " + label);
    }
    System.arraycopy(logits, 0, probabilities, 0, classes);
    int predicted = Softmax.largest(probabilities);
    double largest = probabilities[predicted];
    Softmax.inPlace(probabilities);
    double confidence = probabilities[predicted];
    // As log p underflows where p does not have to, it is taken of the logits: the largest
    // probability is 1 over the sum of their exponentials.
    logLoss += largest - logits[label] - Math.log(confidence);
    boolean hit = predicted == label;
    rows++;
    rowsOf[label]++;
    predictedAs[predicted]++;
    right[label] += hit ? 1 : 0;
    if (confusion.length > 0) {
      confusion[label][predicted]++;
    }
    int bins = ClassificationMetrics.BINS;
    int bin = Math.clamp((int) Math.ceil(confidence * bins) - 1, 0, bins - 1);
    binRows[bin]++;
    binRight[bin] += hit ? 1 : 0;
    binConfidence[bin] += confidence;
    if (classes == 2) {
      // The log-odds have the order of the probabilities, and fewer ties by rounding.
      (label == 1 ? positive : negative).add(logits[1] - logits[0]);
    }
  }

  /**
   * Returns the metrics of the rows so far.
   *
   * @throws IllegalStateException if there are none
   */
  public ClassificationMetrics metrics() {
    if (rows == 0) {
      throw new IllegalStateException("Metrics: expected at least one row, found none");
    }
    var classes = new ArrayList<ClassMetrics>();
    for (int k = 0; k < names.size(); k++) {
      classes.add(ClassMetrics.of(names.get(k), rowsOf[k], predictedAs[k], right[k]));
    }
    var bins = new ArrayList<Bin>();
    double error = 0;
    for (int b = 0; b < binRows.length; b++) {
      double count = Math.max(1, binRows[b]);
      bins.add(
          new Bin(
              (double) b / binRows.length,
              (b + 1.0) / binRows.length,
              binRows[b],
              binConfidence[b] / count,
              binRight[b] / count));
      error += Math.abs(binRight[b] - binConfidence[b]);
    }
    return new ClassificationMetrics(
        rows,
        (double) Arrays.stream(right).sum() / rows,
        logLoss / rows,
        error / rows,
        rocAuc(),
        macro(classes),
        classes,
        Arrays.stream(confusion).map(row -> Arrays.stream(row).boxed().toList()).toList(),
        bins);
  }

  private static Macro macro(List<ClassMetrics> classes) {
    List<ClassMetrics> seen =
        classes.stream().filter(each -> each.rows() + each.predicted() > 0).toList();
    return new Macro(
        seen.stream().mapToDouble(ClassMetrics::precision).average().orElseThrow(),
        seen.stream().mapToDouble(ClassMetrics::recall).average().orElseThrow(),
        seen.stream().mapToDouble(ClassMetrics::f1).average().orElseThrow());
  }

  /** The Mann-Whitney statistic over the number of pairs. */
  private OptionalDouble rocAuc() {
    double[] lower = negative.sorted();
    double[] upper = positive.sorted();
    if (lower.length == 0 || upper.length == 0) {
      return OptionalDouble.empty();
    }
    double wins = 0;
    int below = 0;
    int notAbove = 0;
    for (double score : upper) {
      while (below < lower.length && lower[below] < score) {
        below++;
      }
      notAbove = Math.max(notAbove, below);
      while (notAbove < lower.length && lower[notAbove] == score) {
        notAbove++;
      }
      wins += below + (notAbove - below) / 2.0;
    }
    return OptionalDouble.of(wins / ((double) lower.length * upper.length));
  }

  /** A growing array. */
  private static final class Scores {

    private double[] values = new double[64];
    private int count;

    void add(double value) {
      if (count == values.length) {
        values = Arrays.copyOf(values, count + (count >> 1));
      }
      // -0.0 sorts before 0.0, but is no less.
      values[count++] = value + 0.0;
    }

    double[] sorted() {
      double[] sorted = Arrays.copyOf(values, count);
      Arrays.sort(sorted);
      return sorted;
    }
  }
}
