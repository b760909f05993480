package io.measureflow.nd4j;

/**
 * The Mills ratio R(a) = Q(a)/phi(a), Q(a) = 1 - Phi(a), and h(a) = 1 - a R(a), for results of 32
 * bits.
 *
 * <p>The idea is that of Shepherd and Laframboise [shepherd1981]: in y = (a - k)/(a + k), the
 * functions (a + k) R and (a + k)^2 h are polynomials to good accuracy. The coefficients are
 * minimax fits in the relative error on 0 &lt;= a &lt;= {@link #END}, k = 3.5, degree 9: relative
 * error 8e-9 for R and 2.3e-8 for h, and a unit of 6e-8 for the rounding of the coefficients.
 */
final class MillsRatio {

  /** Where the fits end. */
  static final double END = 15;

  private static final double SHIFT = 3.5;

  private MillsRatio() {}

  /** R(a) for a from 0 to {@link #END}. */
  static double of(double a) {
    double q = 1 / (a + SHIFT);
    double y = (a - SHIFT) * q;
    double p = 2.7245248e-4;
    p = p * y + 0.0010485777;
    p = p * y - 0.0012408799;
    p = p * y - 0.007953099;
    p = p * y + 0.01627736;
    p = p * y + 0.043629922;
    p = p * y - 0.29090217;
    p = p * y + 0.79065347;
    p = p * y - 1.4176531;
    p = p * y + 1.8659744;
    return q * p;
  }

  /** h(a) for a from 0 to {@link #END}. */
  static double complement(double a) {
    double q = 1 / (a + SHIFT);
    double y = (a - SHIFT) * q;
    double p = 0.003340686;
    p = p * y + 0.0077137696;
    p = p * y - 0.018729389;
    p = p * y - 0.04756318;
    p = p * y + 0.14548172;
    p = p * y + 0.13690676;
    p = p * y - 1.3381404;
    p = p * y + 3.2446556;
    p = p * y - 4.4166126;
    p = p * y + 3.2836275;
    return q * q * p;
  }
}
