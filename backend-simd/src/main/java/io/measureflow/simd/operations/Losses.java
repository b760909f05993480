package io.measureflow.simd.operations;

import io.measureflow.simd.kernels.Kernels;

/**
 * Softmax, losses and metrics, row by row. Widths are numbers of classes, usually small, so a row
 * is the unit of work; means are accumulated in double precision in row order.
 */
public final class Losses {

  /** Rows shorter than this are not worth a call each. */
  private static final int SHORT = 32;

  private Losses() {}

  /** Checks that every label is a class. */
  public static void checkLabels(int[] labels, int classes) {
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

  /** out = softmax(a) in the rows {@code from} to {@code to}. */
  public static void softmax(Kernels kernels, float[] a, int width, int from, int to, float[] out) {
    exponentials(kernels, a, width, from, to, out);
    for (int row = from; row < to; row++) {
      int start = row * width;
      float sum = sumOf(kernels, out, start, width);
      for (int j = start; j < start + width; j++) {
        out[j] /= sum;
      }
    }
  }

  /** out = exp(a - max(a)), with the maximum of the row, in the rows {@code from} to {@code to}. */
  public static void exponentials(
      Kernels kernels, float[] a, int width, int from, int to, float[] out) {
    for (int row = from; row < to; row++) {
      int start = row * width;
      float max = max(a, start, width);
      for (int j = start; j < start + width; j++) {
        out[j] = a[j] - max;
      }
    }
    // Rows are short: one call for all of them.
    kernels.exp(out, from * width, (to - from) * width, out);
  }

  /**
   * rowLoss = log sum exp(l) - l_y in the rows {@code from} to {@code to}, and their {@link
   * #exponentials}.
   */
  public static void crossEntropy(
      Kernels kernels,
      float[] logits,
      int[] labels,
      int width,
      int from,
      int to,
      float[] exponentials,
      double[] rowLoss) {
    exponentials(kernels, logits, width, from, to, exponentials);
    for (int row = from; row < to; row++) {
      int start = row * width;
      float sum = sumOf(kernels, exponentials, start, width);
      rowLoss[row] =
          Math.log(sum) + ((double) max(logits, start, width) - logits[start + labels[row]]);
    }
  }

  /**
   * out = (softmax(l) - onehot(y)) / rows in the rows {@code from} to {@code to}.
   *
   * @param exponentials those of the logits l; may be {@code out} itself
   */
  public static void crossEntropyGradient(
      Kernels kernels,
      float[] exponentials,
      int[] labels,
      int width,
      int from,
      int to,
      float[] out) {
    float weight = 1f / labels.length;
    for (int row = from; row < to; row++) {
      int start = row * width;
      int label = start + labels[row];
      System.arraycopy(exponentials, start, out, start, width);
      // p_y - 1 as minus the sum of the others avoids cancellation for a dominant label.
      float own = out[label];
      out[label] = 0;
      float others = sumOf(kernels, out, start, width);
      float sum = others + own;
      for (int j = start; j < start + width; j++) {
        out[j] = out[j] / sum * weight;
      }
      out[label] = -(others / sum) * weight;
    }
  }

  private static float sumOf(Kernels kernels, float[] a, int start, int width) {
    if (width <= SHORT) {
      float even = 0;
      float odd = 0;
      int j = start;
      for (; j < start + width - 1; j += 2) {
        even += a[j];
        odd += a[j + 1];
      }
      return j < start + width ? even + odd + a[j] : even + odd;
    }
    if (width <= Kernels.SUM_RUN) {
      return kernels.sum(a, start, width);
    }
    double sum = 0;
    for (int part = 0; part < width; part += Kernels.SUM_RUN) {
      sum += kernels.sum(a, start + part, Math.min(Kernels.SUM_RUN, width - part));
    }
    return (float) sum;
  }

  private static float max(float[] a, int start, int width) {
    float max = Float.NEGATIVE_INFINITY;
    for (int j = start; j < start + width; j++) {
      max = Math.max(max, a[j]);
    }
    return max;
  }

  /** Returns the mean of the rows' losses; 0 for none. */
  public static float mean(double[] rowLoss) {
    double sum = 0;
    for (double loss : rowLoss) {
      sum += loss;
    }
    return rowLoss.length == 0 ? 0 : (float) (sum / rowLoss.length);
  }

  /** Returns the number of rows whose largest entry, the first of equal ones, is at the label. */
  public static int correctCount(float[] logits, int[] labels, int width) {
    int count = 0;
    for (int row = 0; row < labels.length; row++) {
      int start = row * width;
      int best = 0;
      for (int j = 1; j < width; j++) {
        if (logits[start + j] > logits[start + best]) {
          best = j;
        }
      }
      if (best == labels[row]) {
        count++;
      }
    }
    return count;
  }
}
