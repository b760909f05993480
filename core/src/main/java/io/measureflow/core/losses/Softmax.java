package io.measureflow.core.losses;

/** Probabilities from logits, on the host. */
public final class Softmax {

  private Softmax() {}

  /**
   * Computes the softmax of the first outputs.
   *
   * @param classes the number of outputs that are classes; a model may have more outputs
   */
  public static float[] of(float[] outputs, int classes) {
    double[] exact = new double[classes];
    for (int j = 0; j < classes; j++) {
      exact[j] = outputs[j];
    }
    inPlace(exact);
    float[] probabilities = new float[classes];
    for (int j = 0; j < classes; j++) {
      probabilities[j] = (float) exact[j];
    }
    return probabilities;
  }

  /** Turns logits into their softmax, in place. */
  public static void inPlace(double[] logits) {
    double largest = logits[largest(logits)];
    double sum = 0;
    for (int j = 0; j < logits.length; j++) {
      logits[j] = Math.exp(logits[j] - largest);
      sum += logits[j];
    }
    for (int j = 0; j < logits.length; j++) {
      logits[j] /= sum;
    }
  }

  /** Returns the index of the largest number; the first of equal ones. */
  public static int largest(double[] numbers) {
    int best = 0;
    for (int j = 1; j < numbers.length; j++) {
      if (numbers[j] > numbers[best]) {
        best = j;
      }
    }
    return best;
  }

  /** Returns the index of the largest of the first outputs; the first of equal ones. */
  public static int largest(float[] outputs, int classes) {
    int best = 0;
    for (int j = 1; j < classes; j++) {
      if (outputs[j] > outputs[best]) {
        best = j;
      }
    }
    return best;
  }
}
