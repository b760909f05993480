package io.measureflow.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Gaussian moments of relu, as {@link io.measureflow.api.program.Op.ReluMoments} defines them, with
 * a small relative error into the far tails.
 *
 * <p>With the Mills ratio R(a) = Q(a)/phi(a) and h(a) = 1 - a R(a), both smooth and positive for a
 * at least 0, Q(a) = phi(a) R(a) and phi(a) - a Q(a) = phi(a) h(a) keep their relative error
 * however small they are. In y = (a - k)/(a + k), k = 3.5, the functions (a + k) R and (a + k)^2 h
 * are polynomials to good accuracy [shepherd1981]; the coefficients are minimax fits on 0 &lt;= a
 * &lt;= 15 of degree 9: relative errors 8e-9 and 2.3e-8 before rounding.
 *
 * <p>phi(t) is exp(-m^2/(2v)), with an exponent of up to 84.5, where the rounding of a float costs
 * 4e-6. If the device has double precision, only the exponent is computed in it, with three
 * operations, and split in two floats: the relative error stays below 1e-6. Otherwise the error
 * grows as t^2 to 1e-5 at t = 13.
 */
final class MomentKernels {

  /** From here on phi(|t|), below 1e-37, counts as 0. */
  static final float END = 13;

  private static final float SHIFT = 3.5f;

  /** 1/sqrt(2 pi). */
  private static final float PHI_0 = 0.3989423f;

  private MomentKernels() {}

  /**
   * Returns the parameters.
   *
   * @param n the number of elements
   * @param mean the offset of the means
   * @param variance the offset of the variances
   * @param out the offsets of the results of orders 0 to 4; -1 for unused ones
   */
  static int[] parameters(int n, int mean, int variance, int[] out) {
    return new int[] {n, mean, variance, out[0], out[1], out[2], out[3], out[4]};
  }

  /** By blocks, with an exponent in double precision. */
  static void blocks64(KernelContext c, IntArray p, FloatArray m) {
    int n = p.get(0);
    int chunk = (n + c.globalGroupSizeX - 1) / c.globalGroupSizeX;
    int from = c.globalIdx * chunk;
    moments64(p, m, from, from + chunk < n ? from + chunk : n, 1);
  }

  /** By strides, with an exponent in double precision. */
  static void strided64(KernelContext c, IntArray p, FloatArray m) {
    moments64(p, m, c.globalIdx, p.get(0), c.globalGroupSizeX);
  }

  /** By strides, in single precision alone. */
  static void strided32(KernelContext c, IntArray p, FloatArray m) {
    moments32(p, m, c.globalIdx, p.get(0), c.globalGroupSizeX);
  }

  static void moments64(IntArray p, FloatArray m, int first, int end, int step) {
    for (int i = first; i < end; i += step) {
      float mean = m.get(p.get(1) + i);
      float variance = m.get(p.get(2) + i);
      double exponent = variance == 0 ? 0 : (double) mean * mean / variance * 0.5;
      float high = exponent < 100 ? (float) exponent : 100;
      float low = exponent < 100 ? (float) (exponent - high) : 0;
      store(p, m, i, mean, variance, TornadoMath.exp(-high) * (1 - low));
    }
  }

  static void moments32(IntArray p, FloatArray m, int first, int end, int step) {
    for (int i = first; i < end; i += step) {
      float mean = m.get(p.get(1) + i);
      float variance = m.get(p.get(2) + i);
      float t = variance == 0 ? 0 : mean / TornadoMath.sqrt(variance);
      float exponent = 0.5f * t * t;
      store(p, m, i, mean, variance, TornadoMath.exp(exponent < 100 ? -exponent : -100));
    }
  }

  /** Writes the moments, given exp(-m^2/(2v)). */
  private static void store(
      IntArray p, FloatArray memory, int i, float m, float v, float exponential) {
    boolean point = v == 0;
    float s = TornadoMath.sqrt(v);
    float perS = point ? 1 : 1 / s;
    float t = m * perS;
    // Beyond the end phi is 0, and t only has to stay finite.
    t = t > END ? END : t < -END ? -END : t;
    float a = t < 0 ? -t : t;
    float phi = point || a >= END ? 0 : PHI_0 * exponential;
    float q = 1 / (a + SHIFT);
    float y = (a - SHIFT) * q;
    if (p.get(3) >= 0) {
      float h = 0.003340686f;
      h = h * y + 0.0077137696f;
      h = h * y - 0.018729389f;
      h = h * y - 0.04756318f;
      h = h * y + 0.14548172f;
      h = h * y + 0.13690676f;
      h = h * y - 1.3381404f;
      h = h * y + 3.2446556f;
      h = h * y - 4.4166126f;
      h = h * y + 3.2836275f;
      memory.set(p.get(3) + i, s * phi * (h * q * q) + (m > 0 ? m : 0));
    }
    if (p.get(4) >= 0) {
      float r = 2.7245248e-4f;
      r = r * y + 0.0010485777f;
      r = r * y - 0.0012408799f;
      r = r * y - 0.007953099f;
      r = r * y + 0.01627736f;
      r = r * y + 0.043629922f;
      r = r * y - 0.29090217f;
      r = r * y + 0.79065347f;
      r = r * y - 1.4176531f;
      r = r * y + 1.8659744f;
      float tail = phi * (r * q);
      memory.set(p.get(4) + i, point ? Functions.heaviside(m) : t > 0 ? 1 - tail : tail);
    }
    float density = point ? 0 : phi * perS;
    if (p.get(5) >= 0) {
      memory.set(p.get(5) + i, density);
    }
    if (p.get(6) >= 0) {
      memory.set(p.get(6) + i, -t * density * perS);
    }
    if (p.get(7) >= 0) {
      // phi comes first: a zero of it or of t^2 - 1 stays 0, as 1/s is finite.
      memory.set(p.get(7) + i, point ? 0 : (t * t - 1) * phi * perS * perS * perS);
    }
  }
}
