package io.measureflow.simd.kernels;

/**
 * The right tail of the standard normal distribution without cancellation.
 *
 * <p>With the Mills ratio R(a) = Q(a)/phi(a), Q(a) = 1 - Phi(a), and h(a) = 1 - a R(a), for a at
 * least 0:
 *
 * <pre>Q(a) = phi(a) R(a),     phi(a) - a Q(a) = phi(a) h(a).</pre>
 *
 * Both R and h are smooth and positive, so the products keep a small relative error however small
 * they are. Following Shepherd and Laframboise [shepherd1981], in y = (a - k)/(a + k), the
 * functions (a + k) R and (a + k)^2 h are polynomials to good accuracy. The coefficients below are
 * minimax fits in the relative error on 0 &lt;= a &lt;= 15 (Lawson's iteratively reweighted least
 * squares against 40 digits), k = 3.5, degree 9: relative error 8e-9 for R and 2.3e-8 for h before
 * rounding. phi(a) underflows float before a = 15.
 */
public final class GaussianTail {

  /** The shift k. */
  public static final float SHIFT = 3.5f;

  /** 1/sqrt(2 pi). */
  public static final float PHI_0 = 0.3989423f;

  /**
   * From here on phi(|t|), below 1e-37, counts as 0: results derived from it would be subnormal,
   * and arithmetic with subnormal numbers is slower by orders of magnitude.
   */
  public static final float END = 13;

  public static final float R0 = 1.8659744f;
  public static final float R1 = -1.4176531f;
  public static final float R2 = 0.79065347f;
  public static final float R3 = -0.29090217f;
  public static final float R4 = 0.043629922f;
  public static final float R5 = 0.01627736f;
  public static final float R6 = -0.007953099f;
  public static final float R7 = -0.0012408799f;
  public static final float R8 = 0.0010485777f;
  public static final float R9 = 2.7245248e-4f;

  public static final float H0 = 3.2836275f;
  public static final float H1 = -4.4166126f;
  public static final float H2 = 3.2446556f;
  public static final float H3 = -1.3381404f;
  public static final float H4 = 0.13690676f;
  public static final float H5 = 0.14548172f;
  public static final float H6 = -0.04756318f;
  public static final float H7 = -0.018729389f;
  public static final float H8 = 0.0077137696f;
  public static final float H9 = 0.003340686f;

  private GaussianTail() {}

  /** R(a) for a at least 0. */
  public static double millsRatio(double a) {
    double q = 1 / (a + SHIFT);
    double y = (a - SHIFT) * q;
    double p = R9;
    p = p * y + R8;
    p = p * y + R7;
    p = p * y + R6;
    p = p * y + R5;
    p = p * y + R4;
    p = p * y + R3;
    p = p * y + R2;
    p = p * y + R1;
    p = p * y + R0;
    return q * p;
  }

  /** h(a) = 1 - a R(a) for a at least 0. */
  public static double complement(double a) {
    double q = 1 / (a + SHIFT);
    double y = (a - SHIFT) * q;
    double p = H9;
    p = p * y + H8;
    p = p * y + H7;
    p = p * y + H6;
    p = p * y + H5;
    p = p * y + H4;
    p = p * y + H3;
    p = p * y + H2;
    p = p * y + H1;
    p = p * y + H0;
    return q * q * p;
  }
}
