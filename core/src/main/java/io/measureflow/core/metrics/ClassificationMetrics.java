package io.measureflow.core.metrics;

import java.util.List;
import java.util.OptionalDouble;

/**
 * How well classes are predicted. The predicted class is the most probable one, the first of equal
 * ones. All numbers are computed in float64.
 *
 * @param rows the number of rows, at least 1
 * @param accuracy the fraction of rows whose class was predicted
 * @param logLoss the mean of -log p, p the probability of the true class, in nats
 * @param calibrationError ECE: the mean over rows of |accuracy - confidence| of the bin of each
 * @param rocAuc for two classes with rows of both, the area under the ROC curve: the probability
 *     that a row of the second class has a larger probability of it than a row of the first, ties
 *     counted by half; otherwise empty
 * @param macro precision, recall and F1, each the plain mean over the classes that have rows or
 *     were predicted
 * @param classes the classes, in the order of the model
 * @param confusion the number of rows of each true class (outer list) and predicted class (inner
 *     list); empty for more than {@value #MOST_CONFUSED} classes
 * @param calibration the {@value #BINS} bins of the calibration error
 */
public record ClassificationMetrics(
    long rows,
    double accuracy,
    double logLoss,
    double calibrationError,
    OptionalDouble rocAuc,
    Macro macro,
    List<ClassMetrics> classes,
    List<List<Long>> confusion,
    List<Bin> calibration)
    implements PredictionMetrics {

  /** The number of bins of equal width that the largest probability of a row falls into. */
  public static final int BINS = 15;

  /** The largest number of classes with a confusion matrix. */
  public static final int MOST_CONFUSED = 1000;

  /** Copies the lists. */
  public ClassificationMetrics {
    classes = List.copyOf(classes);
    confusion = confusion.stream().map(List::copyOf).toList();
    calibration = List.copyOf(calibration);
  }

  /** Means over classes. */
  public record Macro(double precision, double recall, double f1) {}

  /**
   * One class.
   *
   * @param name its name
   * @param rows the number of rows of this class
   * @param predicted the number of rows for which it was predicted
   * @param precision the fraction of the predicted rows that are of this class; 0 if there are none
   * @param recall the fraction of its rows for which it was predicted; 0 if there are none
   * @param f1 the harmonic mean of precision and recall; 0 if both are 0
   */
  public record ClassMetrics(
      String name, long rows, long predicted, double precision, double recall, double f1) {

    static ClassMetrics of(String name, long rows, long predicted, long right) {
      return new ClassMetrics(
          name,
          rows,
          predicted,
          predicted == 0 ? 0 : (double) right / predicted,
          rows == 0 ? 0 : (double) right / rows,
          rows + predicted == 0 ? 0 : 2.0 * right / (rows + predicted));
    }
  }

  /**
   * The rows whose largest probability is above {@code from} and at most {@code to}.
   *
   * @param from the lower end, excluded
   * @param to the upper end, included
   * @param rows their number
   * @param confidence the mean of their largest probability; 0 without rows
   * @param accuracy the fraction whose class was predicted; 0 without rows
   */
  public record Bin(double from, double to, long rows, double confidence, double accuracy) {}
}
