package io.measureflow.simd;

/**
 * Memory that the steps of one executable use one after another: sized while the program is
 * compiled, fixed from the first run on.
 */
final class Scratch {

  private final int threads;
  private int rightSize;
  private int ownSize;
  private float[] right = new float[0];
  private float[][] own = new float[0][];

  /** Room for so many threads, the caller of the pool being one. */
  Scratch(int threads) {
    this.threads = threads;
  }

  /**
   * Asks for room for the packed factor of a matrix product, and for what each thread brings into
   * order for itself.
   */
  void reserve(int rightElements, int ownElements) {
    rightSize = Math.max(rightSize, rightElements);
    ownSize = Math.max(ownSize, ownElements);
  }

  /** Allocates what has been asked for. */
  void allocate() {
    right = new float[rightSize];
    own = new float[threads][ownSize];
  }

  float[] right() {
    return right;
  }

  /** The memory of the calling thread alone. */
  float[] own() {
    return own[WorkerPool.numberOfThread()];
  }
}
