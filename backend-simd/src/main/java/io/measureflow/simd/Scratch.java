package io.measureflow.simd;

/**
 * Memory that the steps of one executable use one after another: sized while the program is
 * compiled, fixed from the first run on.
 */
final class Scratch {

  private int leftSize;
  private int rightSize;
  private float[] left = new float[0];
  private float[] right = new float[0];

  /** Asks for room for the two rearranged factors of a matrix product. */
  void reserve(int leftElements, int rightElements) {
    leftSize = Math.max(leftSize, leftElements);
    rightSize = Math.max(rightSize, rightElements);
  }

  /** Allocates what has been asked for. */
  void allocate() {
    left = new float[leftSize];
    right = new float[rightSize];
  }

  float[] left() {
    return left;
  }

  float[] right() {
    return right;
  }
}
