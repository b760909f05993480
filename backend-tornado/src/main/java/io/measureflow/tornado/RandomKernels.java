package io.measureflow.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Random numbers by Philox4x32-10 [salmon2011], one work item per block of four. Words of 32 bits
 * are longs that are never negative and whose products stay below 2^63: unsigned numbers and
 * overflow are where devices differ.
 */
final class RandomKernels {

  private static final int ROUNDS = 10;
  private static final long WORD = 0xFFFFFFFFL;
  private static final long HALF = 0xFFFFL;
  private static final long MULTIPLIER_0 = 0xD2511F53L;
  private static final long MULTIPLIER_1 = 0xCD9E8D57L;
  private static final long WEYL_0 = 0x9E3779B9L;
  private static final long WEYL_1 = 0xBB67AE85L;
  private static final float STEP = 1.1920929e-7f;
  private static final float TWO_PI = 6.2831855f;

  private RandomKernels() {}

  /**
   * Returns the parameters.
   *
   * @param n the number of elements
   * @param step the offset of the number of the step
   * @param normal 1 for normal numbers, 0 for uniform ones
   */
  static int[] parameters(int n, long seed, int stream, int step, int normal, int out) {
    return new int[] {n, (int) seed, (int) (seed >> 32), stream, step, normal, out};
  }

  /** Returns the upper 16 bits of one half's product and all of the other's. */
  private static long middle(long multiplier, long word) {
    return multiplier * (word >> 16) + ((multiplier * (word & HALF)) >> 16);
  }

  private static long high(long multiplier, long word) {
    return middle(multiplier, word) >> 16;
  }

  private static long low(long multiplier, long word) {
    return ((middle(multiplier, word) & HALF) << 16) + ((multiplier * (word & HALF)) & HALF);
  }

  private static float uniform(long word) {
    return ((int) (word >> 9) + 0.5f) * STEP;
  }

  /** The kernel, by strides. */
  static void draw(KernelContext c, IntArray p, FloatArray m) {
    draw(p, m, c.globalIdx, c.globalGroupSizeX);
  }

  static void draw(IntArray p, FloatArray m, int first, int step) {
    int n = p.get(0);
    int blocks = (n + 3) / 4;
    int number = (int) m.get(p.get(4));
    for (int block = first; block < blocks; block += step) {
      long k0 = (long) p.get(1) & WORD;
      long k1 = (long) p.get(2) & WORD;
      long c0 = block;
      long c1 = number;
      long c2 = (long) p.get(3) & WORD;
      long c3 = 0;
      for (int round = 0; round < ROUNDS; round++) {
        long high0 = high(MULTIPLIER_0, c0);
        long low0 = low(MULTIPLIER_0, c0);
        long high1 = high(MULTIPLIER_1, c2);
        long low1 = low(MULTIPLIER_1, c2);
        c0 = high1 ^ c1 ^ k0;
        c1 = low1;
        c2 = high0 ^ c3 ^ k1;
        c3 = low0;
        k0 = (k0 + WEYL_0) & WORD;
        k1 = (k1 + WEYL_1) & WORD;
      }
      int at = block * 4;
      pair(p, m, at, uniform(c0), uniform(c1));
      if (at + 2 < n) {
        pair(p, m, at + 2, uniform(c2), uniform(c3));
      }
    }
  }

  /**
   * Stores two numbers. The angle of normal ones is reduced before it is rounded, so that sine and
   * cosine keep their relative accuracy.
   */
  private static void pair(IntArray p, FloatArray m, int at, float u, float v) {
    float first = u;
    float second = v;
    if (p.get(5) == 1) {
      float radius = TornadoMath.sqrt(-2 * TornadoMath.log(u));
      int quarter = (int) (4 * v + 0.5f);
      float angle = TWO_PI * (v - 0.25f * quarter);
      float sine = TornadoMath.sin(angle);
      float cosine = TornadoMath.cos(angle);
      boolean swapped = (quarter & 1) == 1;
      float x = swapped ? sine : cosine;
      float y = swapped ? cosine : sine;
      int turn = quarter & 3;
      first = radius * (turn == 1 || turn == 2 ? -x : x);
      second = radius * (turn >= 2 ? -y : y);
    }
    m.set(p.get(6) + at, first);
    if (at + 1 < p.get(0)) {
      m.set(p.get(6) + at + 1, second);
    }
  }
}
