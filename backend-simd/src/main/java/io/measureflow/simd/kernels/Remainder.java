package io.measureflow.simd.kernels;

import jdk.incubator.vector.VectorSpecies;

/**
 * Computes the last elements of a loop, too few for a vector, by the same loop on a vector in
 * memory of the thread. Masks would also work, but each masked access compiles to a dozen branches:
 * without them the code of the moments of relu shrank to a fifth, and the JVM compiled it in a
 * third of the time.
 */
public final class Remainder {

  private static final VectorSpecies<Float> SPECIES = VectorKernels.SPECIES;

  private static final int LANES = SPECIES.length();

  private static final ThreadLocal<Remainder> OWN = ThreadLocal.withInitial(Remainder::new);

  private final float[] a = new float[LANES];
  private final float[] b = new float[LANES];
  private final float[][] out = new float[5][LANES];

  private Remainder() {}

  /** A function of single elements, for a multiple of {@code LANES} elements. */
  @FunctionalInterface
  interface Loop {
    void run(float[] a, int offset, int count, float[] out);
  }

  /**
   * A loop with two arguments and as many results as there are arrays; the first ones are written
   * last.
   */
  @FunctionalInterface
  interface PairLoop {
    void run(float[] a, float[] b, int offset, int count, float[][] out);
  }

  /** Runs a loop over any number of elements. */
  public static void run(float[] a, int offset, int count, float[] out, Loop loop) {
    int whole = count & -LANES;
    loop.run(a, offset, whole, out);
    int rest = count - whole;
    if (rest > 0) {
      int at = offset + whole;
      Remainder own = OWN.get();
      System.arraycopy(a, at, own.a, 0, rest);
      loop.run(own.a, 0, LANES, own.a);
      System.arraycopy(own.a, 0, out, at, rest);
    }
  }

  /** Runs a loop over any number of elements. */
  public static void run(
      float[] a, float[] b, int offset, int count, float[][] out, PairLoop loop) {
    int whole = count & -LANES;
    loop.run(a, b, offset, whole, out);
    int rest = count - whole;
    if (rest > 0) {
      int at = offset + whole;
      Remainder own = OWN.get();
      System.arraycopy(a, at, own.a, 0, rest);
      System.arraycopy(b, at, own.b, 0, rest);
      loop.run(own.a, own.b, 0, LANES, own.out);
      for (int i = out.length - 1; i >= 0; i--) {
        System.arraycopy(own.out[i], 0, out[i], at, rest);
      }
    }
  }
}
