package io.measureflow.tornado;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Sines and cosines of any float, for devices with double precision. Devices reduce large angles
 * poorly or not at all, so the reduction is done here: up to {@value #NEAR} by subtracting
 * multiples of pi/2 in two doubles [cody1980]; above, an angle is M 2^e with a 24-bit M, and the
 * fraction of a turn M (2^e/(2 pi)) is computed modulo 1 in 64-bit integers from a table of 2^e/(2
 * pi) modulo 1.
 */
final class SineKernels {

  /** The limit up to which multiples of pi/2 are exact enough in two doubles. */
  private static final float NEAR = 1e6f;

  /** The smallest e of an angle above {@link #NEAR}: 2^19 has a mantissa of 24 bits. */
  private static final int LOWEST = 19 - 23;

  private static final int HIGHEST = 127 - 23;

  /** The numbers per table entry, with 16 bits each. */
  private static final int PARTS = 4;

  private SineKernels() {}

  /**
   * Returns the parameters: n consecutive elements; quarters is 0 for the sine and 1 for the
   * cosine.
   */
  static int[] parameters(int n, int a, int out, int quarters, int table) {
    return new int[] {n, a, out, quarters, table};
  }

  /** Returns the size of the table. */
  static int tableSize() {
    return (HIGHEST - LOWEST + 1) * PARTS;
  }

  /** Computes 2^e/(2 pi) modulo 1 for each e in 64 bits, the highest 16 first. */
  static float[] table() {
    var twoPi =
        new BigDecimal(
            "6.28318530717958647692528676655900576839433879875021164194988918461563281257");
    var bits = new MathContext(80);
    float[] table = new float[tableSize()];
    for (int e = LOWEST; e <= HIGHEST; e++) {
      var shifted = new BigDecimal(BigInteger.TWO.pow(e + 64)).divide(twoPi, bits).toBigInteger();
      for (int part = 0; part < PARTS; part++) {
        int word = shifted.shiftRight(16 * (PARTS - 1 - part)).intValue() & 0xffff;
        table[(e - LOWEST) * PARTS + part] = word;
      }
    }
    return table;
  }

  /** The kernel, by strides. */
  static void sine(KernelContext c, IntArray p, FloatArray m) {
    sine(p, m, c.globalIdx, c.globalGroupSizeX);
  }

  static void sine(IntArray p, FloatArray m, int first, int step) {
    for (int i = first; i < p.get(0); i += step) {
      float x = m.get(p.get(1) + i);
      float y = x < 0 ? -x : x;
      double r;
      int turns;
      if (y <= NEAR) {
        // Rounded to the nearest; products with pi/2's first 33 bits are exact.
        turns = (int) (y * 0.6366197723675814 + 0.5);
        r = y - turns * 1.5707963267341256 - turns * 6.077100506506192e-11;
      } else {
        long turn = turn(m, p.get(4), y);
        turns = (int) ((turn >>> 62) + ((turn >>> 61) & 1));
        // The rest of a turn, from -1/8 to 1/8, in units of 2^-64.
        r = (turn - ((long) turns << 62)) * 3.4061215800865545e-19;
      }
      int quarter = p.get(3) == 0 ? turns : turns + 1;
      float angle = (float) r;
      float value = (quarter & 1) == 0 ? TornadoMath.sin(angle) : TornadoMath.cos(angle);
      value = (quarter & 2) == 0 ? value : -value;
      value = x < 0 && p.get(3) == 0 ? -value : value;
      // The sine of NaN or infinity is NaN.
      value = Float.isNaN(x) ? x : y > 3.4028235e38f ? TornadoMath.sqrt(-y) : value;
      m.set(p.get(2) + i, value);
    }
  }

  /** Returns the fraction of a turn for an angle above {@link #NEAR}, times 2^64. */
  private static long turn(FloatArray m, int table, float y) {
    float scaled = y;
    int e = 0;
    for (int step = 64; step > 0; step = step / 2) {
      float factor = 1;
      for (int i = 0; i < step; i++) {
        factor = factor * 0.5f;
      }
      // Normalizes to a number from 1 to 2.
      if (scaled * factor >= 1) {
        scaled = scaled * factor;
        e += step;
      }
    }
    long mantissa = (long) (scaled * 8388608f);
    int row = e - 23 - LOWEST;
    int entry = table + (row < 0 ? 0 : row) * PARTS;
    long high = ((long) m.get(entry) << 16) + (long) m.get(entry + 1);
    long low = ((long) m.get(entry + 2) << 16) + (long) m.get(entry + 3);
    return mantissa * ((high << 32) + low);
  }
}
