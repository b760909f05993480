package io.measureflow.nd4j;

/**
 * The Mills ratio R(a) = Q(a)/phi(a), Q(a) = 1 - Phi(a), and h(a) = 1 - a R(a), for results of 32
 * bits.
 *
 * <p>Following Shepherd and Laframboise [shepherd1981], in y = (a - k)/(a + k), the functions (a +
 * k) R and (a + k)^2 h are polynomials to good accuracy. The coefficients are minimax fits in the
 * relative error on 0 &lt;= a &lt;= {@link #END}, k = 3.5, degree 11: relative error 1e-10 for R
 * and 9e-10 for h. Beyond it the asymptotic series in 1/a^2 [abramowitz1964, 26.2.12] is as
 * accurate as results of 32 bits.
 */
final class MillsRatio {

  /** Where the fits end and the series begin. */
  static final double END = 15;

  private static final double SHIFT = 3.5;

  private MillsRatio() {}

  /** R(a) for a from 0. */
  static double of(double a) {
    if (a >= END) {
      double x = 1 / (a * a);
      return (1 - x * (1 - x * (3 - x * (15 - x * 105)))) / a;
    }
    double q = 1 / (a + SHIFT);
    double y = (a - SHIFT) * q;
    double p = -4.981301631914295e-5;
    p = p * y - 0.00016010623923192044;
    p = p * y + 0.00018138201160161;
    p = p * y + 0.0011829964316296944;
    p = p * y - 0.0011225043742144664;
    p = p * y - 0.007991599761217674;
    p = p * y + 0.01623492218325541;
    p = p * y + 0.04363474235229333;
    p = p * y - 0.29089665734654424;
    p = p * y + 0.7906531576144842;
    p = p * y - 1.4176532365564536;
    p = p * y + 1.865974382696334;
    return q * p;
  }

  /** h(a) for a from 0. */
  static double complement(double a) {
    if (a >= END) {
      double x = 1 / (a * a);
      return x * (1 - x * (3 - x * (15 - x * (105 - x * 945))));
    }
    double q = 1 / (a + SHIFT);
    double y = (a - SHIFT) * q;
    double p = -0.0006181428677225425;
    p = p * y - 0.001245483742014125;
    p = p * y + 0.0034217319160818023;
    p = p * y + 0.00904233381969857;
    p = p * y - 0.01844121609892439;
    p = p * y - 0.04809200734746051;
    p = p * y + 0.14535784501560087;
    p = p * y + 0.13700010461134557;
    p = p * y - 1.338125465421988;
    p = p * y + 3.2446494044833827;
    p = p * y - 4.416612791545475;
    p = p * y + 3.2836276194895477;
    return q * q * p;
  }
}
