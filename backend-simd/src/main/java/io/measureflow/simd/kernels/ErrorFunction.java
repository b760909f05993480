package io.measureflow.simd.kernels;

/**
 * The error function as an odd rational function, erf(x) = x P(x^2)/Q(x^2) for |x| &lt; {@value
 * #END} and plus or minus 1 from there on, where 1 is the nearest float.
 *
 * <p>Degree 5 over degree 5, minimax in the relative error on 0 &lt; x &lt;= 3.93 (Loeb's
 * linearization with Lawson's weights): 1.9e-8 before rounding. All coefficients are positive, so
 * nothing cancels and rounding adds at most a few units in the last place.
 */
public final class ErrorFunction {

  /** From here on the nearest float is 1. */
  public static final float END = 3.92f;

  public static final float P0 = 1.1283791f;
  public static final float P1 = 0.19078302f;
  public static final float P2 = 0.05279017f;
  public static final float P3 = 0.0037795722f;
  public static final float P4 = 2.848074e-4f;
  public static final float P5 = 2.0419723e-6f;

  // The constant term of Q is 1.
  public static final float Q1 = 0.50240976f;
  public static final float Q2 = 0.11425718f;
  public static final float Q3 = 0.014997363f;
  public static final float Q4 = 0.001165203f;
  public static final float Q5 = 3.800403e-5f;

  private ErrorFunction() {}

  /** erf(x). */
  public static double of(double x) {
    if (Math.abs(x) >= END) {
      return Math.signum(x);
    }
    double s = x * x;
    double p = P5;
    p = p * s + P4;
    p = p * s + P3;
    p = p * s + P2;
    p = p * s + P1;
    p = p * s + P0;
    double q = Q5;
    q = q * s + Q4;
    q = q * s + Q3;
    q = q * s + Q2;
    q = q * s + Q1;
    q = q * s + 1;
    return x * (p / q);
  }
}
