package io.measureflow.simd;

/**
 * Memory shared by the commands of one executable, one after another: sized while the program is
 * compiled, fixed from the first run on.
 */
final class Scratch {

  private final int threads;
  private int rightSize;
  private int leftSize;
  private int ownSize;
  private float[] right = new float[0];
  private float[] left = new float[0];
  private float[][] own = new float[0][];

  /** Creates memory for this number of threads, including the caller of the pool. */
  Scratch(int threads) {
    this.threads = threads;
  }

  /**
   * Reserves room for the packed factors of a matrix product, shared by all threads, and for the
   * memory of each thread.
   */
  void reserve(int rightElements, int leftElements, int ownElements) {
    rightSize = Math.max(rightSize, rightElements);
    leftSize = Math.max(leftSize, leftElements);
    ownSize = Math.max(ownSize, ownElements);
  }

  /** Allocates what has been reserved. */
  void allocate() {
    right = new float[rightSize];
    left = new float[leftSize];
    own = new float[threads][ownSize];
  }

  float[] right() {
    return right;
  }

  float[] left() {
    return left;
  }

  /** Returns the memory of the calling thread. */
  float[] own() {
    return own[WorkerPool.numberOfThread()];
  }
}
