package io.measureflow.nd4j;

/** Softmax, losses and metrics over host memory, row by row in double precision. */
final class Losses {

  private Losses() {}

  static void checkLabels(int[] labels, int classes) {
    for (int row = 0; row < labels.length; row++) {
      if (labels[row] < 0 || labels[row] >= classes) {
        throw new IllegalArgumentException(
            "labels: expected a class from 0 to "
                + (classes - 1)
                + ", found "
                + labels[row]
                + " in row "
                + row);
      }
    }
  }

  private static double max(Memory a, int start, int width) {
    double max = Double.NEGATIVE_INFINITY;
    for (int j = start; j < start + width; j++) {
      max = Math.max(max, a.get(j));
    }
    return max;
  }

  private static double sumExp(Memory a, int start, int width, double max) {
    double sum = 0;
    for (int j = start; j < start + width; j++) {
      sum += Math.exp(a.get(j) - max);
    }
    return sum;
  }

  static void softmax(Memory a, int width, Memory out, int fromRow, int toRow) {
    for (int row = fromRow; row < toRow; row++) {
      int start = row * width;
      double max = max(a, start, width);
      double sum = sumExp(a, start, width, max);
      for (int j = start; j < start + width; j++) {
        out.set(j, Math.exp(a.get(j) - max) / sum);
      }
    }
  }

  static double crossEntropy(Memory logits, int[] labels, int width) {
    double total = 0;
    for (int row = 0; row < labels.length; row++) {
      int start = row * width;
      double max = max(logits, start, width);
      total += Math.log(sumExp(logits, start, width, max)) + max - logits.get(start + labels[row]);
    }
    return labels.length == 0 ? 0 : total / labels.length;
  }

  static void crossEntropyGradient(Memory logits, int[] labels, int width, Memory out) {
    for (int row = 0; row < labels.length; row++) {
      int start = row * width;
      int label = start + labels[row];
      double max = max(logits, start, width);
      double sum = sumExp(logits, start, width, max);
      double others = 0;
      for (int j = start; j < start + width; j++) {
        double p = Math.exp(logits.get(j) - max) / sum;
        others += j == label ? 0 : p;
        out.set(j, p / labels.length);
      }
      // p_y - 1 as minus the sum of the others avoids cancellation for a dominant label.
      out.set(label, -others / labels.length);
    }
  }

  static double halfSquaredError(Memory prediction, Memory target, int rows) {
    double sum = 0;
    for (int i = 0; i < prediction.size(); i++) {
      double difference = prediction.get(i) - target.get(i);
      sum += difference * difference;
    }
    return rows == 0 ? 0 : sum / (2.0 * rows);
  }

  static int correctCount(Memory logits, int[] labels, int width) {
    int count = 0;
    for (int row = 0; row < labels.length; row++) {
      int best = 0;
      for (int j = 1; j < width; j++) {
        if (logits.get(row * width + j) > logits.get(row * width + best)) {
          best = j;
        }
      }
      count += best == labels[row] ? 1 : 0;
    }
    return count;
  }

  /** theta := theta - log sum exp(theta). */
  static void logNormalize(Memory theta) {
    double max = max(theta, 0, theta.size());
    double normalizer = max + Math.log(sumExp(theta, 0, theta.size(), max));
    for (int k = 0; k < theta.size(); k++) {
      theta.set(k, theta.get(k) - normalizer);
    }
  }
}
