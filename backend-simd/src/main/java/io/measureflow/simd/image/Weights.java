package io.measureflow.simd.image;

import java.util.Arrays;

/**
 * What the elements of windows are multiplied by, in the order in which tiles read it: blocks of
 * rows, of numbers that differ by one at most.
 */
final class Weights {

  private static final int WEIGHTS = ImageKernels.WEIGHTS;

  private final Source source;
  private final int rows;
  private final int[] places;
  private final int rowStep;
  private final int blocks;
  private final float[] packed;

  /** What sums begin with: the weights of ones, each for two vectors, or zeros for all rows. */
  private final float[] begin;

  private final int beginStep;
  private final int ones;

  /**
   * A matrix.
   *
   * @param squared whether its elements are squared
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Source(float[] elements, boolean squared) {

    float at(int index) {
      float element = elements[index];
      return squared ? element * element : element;
    }
  }

  /**
   * @param places where the weights of the first row are in the matrix, for each element
   * @param rowStep the distance between rows in the matrix
   * @param ones where the weight of ones is; negative for none
   * @param width the elements of two vectors
   */
  Weights(Source source, int rows, int[] places, int rowStep, int ones, int width) {
    this.source = source;
    this.rows = rows;
    this.places = places;
    this.rowStep = rowStep;
    this.ones = ones;
    blocks = Math.ceilDiv(rows, ImageKernels.ROWS);
    packed = new float[blocks * places.length * WEIGHTS];
    beginStep = ones < 0 ? 0 : width;
    begin = new float[ones < 0 ? width : rows * width];
  }

  int depth() {
    return places.length;
  }

  int rows() {
    return rows;
  }

  int blocks() {
    return blocks;
  }

  /** Returns the first row of a block; that of the block behind the last is the number of rows. */
  int row(int block) {
    return block * rows / blocks;
  }

  float[] packed() {
    return packed;
  }

  /** Returns where the weights of a block begin. */
  int at(int block) {
    return block * places.length * WEIGHTS;
  }

  float[] begin() {
    return begin;
  }

  /** Returns the distance between rows of {@link #begin}. */
  int beginStep() {
    return beginStep;
  }

  /** Copies the weights of a block. */
  void pack(int block) {
    int first = row(block);
    int end = row(block + 1);
    int at = at(block);
    for (int place : places) {
      for (int row = first; row < end; row++) {
        packed[at + row - first] = source.at(place + row * rowStep);
      }
      at += WEIGHTS;
    }
    if (ones >= 0) {
      for (int row = first; row < end; row++) {
        float weight = source.at(ones + row * rowStep);
        Arrays.fill(begin, row * beginStep, (row + 1) * beginStep, weight);
      }
    }
  }
}
