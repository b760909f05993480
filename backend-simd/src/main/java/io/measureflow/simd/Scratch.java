package io.measureflow.simd;

/**
 * Memory that the commands of one executable use one after another: sized while the program is
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

  /** Room for so many threads, the caller of the pool being one. */
  Scratch(int threads) {
    this.threads = threads;
  }

  /**
   * Asks for room for the factors of a matrix product that are brought into order for all threads,
   * and for what each thread has for itself.
   */
  void reserve(int rightElements, int leftElements, int ownElements) {
    rightSize = Math.max(rightSize, rightElements);
    leftSize = Math.max(leftSize, leftElements);
    ownSize = Math.max(ownSize, ownElements);
  }

  /** Allocates what has been asked for. */
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

  /** The memory of the calling thread alone. */
  float[] own() {
    return own[WorkerPool.numberOfThread()];
  }
}
