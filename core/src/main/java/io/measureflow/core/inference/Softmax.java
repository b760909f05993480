package io.measureflow.core.inference;

/** Probabilities from logits, on the host. */
public final class Softmax {

  private Softmax() {}

  /**
   * Computes the softmax of the first outputs.
   *
   * @param classes the number of outputs that are classes; a model may have more outputs
   */
  public static float[] of(float[] outputs, int classes) {
    double largest = outputs[largest(outputs, classes)];
    double[] weights = new double[classes];
    double sum = 0;
    for (int j = 0; j < classes; j++) {
      weights[j] = Math.exp(outputs[j] - largest);
      sum += weights[j];
    }
    float[] probabilities = new float[classes];
    for (int j = 0; j < classes; j++) {
      probabilities[j] = (float) (weights[j] / sum);
    }
    return probabilities;
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
