package io.measureflow.simd;

/**
 * Update rules in place, over elements {@code from} to {@code to} of a state that share the scale c
 * of the gradient. The loops of each rule are so simple that the compiler vectorizes them.
 */
final class Updates {

  private Updates() {}

  /** A rule for elements with a common scale. */
  @FunctionalInterface
  interface Rule {
    /** Updates elements {@code from} to {@code to}. */
    void apply(float scale, int from, int to);
  }

  /**
   * Applies the rule with one scale per {@code width} consecutive elements, starting again with the
   * first scale after the last.
   */
  static void perRow(float[] scale, int width, int from, int to, Rule rule) {
    int start = from;
    while (start < to) {
      int row = start / width;
      int end = (int) Math.min(to, (row + 1L) * width);
      rule.apply(scale[row % scale.length], start, end);
      start = end;
    }
  }

  /** theta := theta - step g. */
  static void descend(float[] theta, float[] g, float step, int from, int to) {
    for (int i = from; i < to; i++) {
      theta[i] -= step * g[i];
    }
  }

  /** theta := theta - step g, with one step size per element. */
  static void descend(float[] theta, float[] g, float[] step, int from, int to) {
    for (int i = from; i < to; i++) {
      theta[i] -= step[i] * g[i];
    }
  }

  /** mean := decay mean + weight g. */
  static void average(float[] mean, float decay, float[] g, float weight, int from, int to) {
    for (int i = from; i < to; i++) {
      mean[i] = decay * mean[i] + weight * g[i];
    }
  }

  /** mean := decay mean + weight (c g)^2. */
  static void averageSquares(
      float[] mean, float decay, float[] g, float c, float weight, int from, int to) {
    for (int i = from; i < to; i++) {
      float scaled = c * g[i];
      mean[i] = decay * mean[i] + weight * (scaled * scaled);
    }
  }

  /** theta := (1 - decay) theta - step first / (sqrt(correction second) + epsilon). */
  static void descendScaled(
      float[] theta,
      float decay,
      float[] first,
      float step,
      float[] second,
      float correction,
      float epsilon,
      int from,
      int to) {
    float kept = 1 - decay;
    for (int i = from; i < to; i++) {
      float root = (float) Math.sqrt(correction * second[i]);
      theta[i] = kept * theta[i] - step * first[i] / (root + epsilon);
    }
  }

  /** theta := theta - log sum exp(theta), the sum in double precision and in order. */
  static void logNormalize(float[] theta) {
    double max = Double.NEGATIVE_INFINITY;
    for (float logarithm : theta) {
      max = Math.max(max, logarithm);
    }
    double sum = 0;
    for (float logarithm : theta) {
      sum += Math.exp(logarithm - max);
    }
    double normalizer = max + Math.log(sum);
    for (int k = 0; k < theta.length; k++) {
      theta[k] = (float) (theta[k] - normalizer);
    }
  }
}
