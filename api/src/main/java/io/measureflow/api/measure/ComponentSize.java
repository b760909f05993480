package io.measureflow.api.measure;

/**
 * The sizes on which the parameters of a mixture's components depend.
 *
 * @param components K, the number of components
 * @param inputs n, the width of an input row of the layer, including the bias column
 * @param outputs p, the width of the output
 * @param rank r, the rank of the factor; 0 for families without one
 * @param bias whether the last of the n columns is the constant 1
 */
public record ComponentSize(int components, int inputs, int outputs, int rank, boolean bias) {

  /** d, the number of inputs without the bias column. */
  public int features() {
    return bias ? inputs - 1 : inputs;
  }
}
