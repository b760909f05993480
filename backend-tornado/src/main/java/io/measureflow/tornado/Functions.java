package io.measureflow.tornado;

import uk.ac.manchester.tornado.api.math.TornadoMath;

/**
 * Elementary functions of a single float for kernels: static methods without objects, exceptions or
 * tables. {@link TornadoMath} is the device's own function, accurate to a few units in the last
 * place; this class has the functions that devices lack.
 */
final class Functions {

  static final int EXP = 0;
  static final int LOG = 1;
  static final int LOG1P = 2;
  static final int ERF = 3;
  static final int SIN = 4;
  static final int COS = 5;

  /** From here on the float nearest to the error function is 1. */
  private static final float ERF_END = 3.92f;

  private Functions() {}

  /** Applies the function with this number. */
  static float apply(int function, float a) {
    if (function == EXP) {
      return TornadoMath.exp(a);
    }
    if (function == LOG) {
      return TornadoMath.log(a);
    }
    if (function == LOG1P) {
      return log1p(a);
    }
    if (function == ERF) {
      return erf(a);
    }
    if (function == SIN) {
      return TornadoMath.sin(a);
    }
    return TornadoMath.cos(a);
  }

  /** 1 right of 0, 0 left of it, 1/2 at 0. */
  static float heaviside(float a) {
    return a > 0 ? 1 : a < 0 ? 0 : a == 0 ? 0.5f : a;
  }

  /**
   * log(1 + a) as log(u) a/(u - 1), u = 1 + a: the rounding of u enters both log(u) and u - 1 and
   * cancels.
   */
  static float log1p(float a) {
    float u = 1 + a;
    float d = u - 1;
    if (Float.isNaN(a)) {
      return a;
    }
    if (d == 0 || a > 1e30f) {
      return d == 0 ? a : TornadoMath.log(u);
    }
    return TornadoMath.log(u) * (a / d);
  }

  /**
   * Returns the error function as an odd rational function, a P(a^2)/Q(a^2) of degree 5 over 5,
   * minimax in the relative error on 0 &lt; a &lt;= 3.93: 1.9e-8 before rounding. All coefficients
   * are positive, so that nothing cancels.
   */
  static float erf(float a) {
    // Tested first: a comparison with NaN may come out the other way on a device.
    if (Float.isNaN(a)) {
      return a;
    }
    if (a >= ERF_END) {
      return 1;
    }
    if (a <= -ERF_END) {
      return -1;
    }
    float s = a * a;
    float p = 2.0419723e-6f;
    p = p * s + 2.848074e-4f;
    p = p * s + 0.0037795722f;
    p = p * s + 0.05279017f;
    p = p * s + 0.19078302f;
    p = p * s + 1.1283791f;
    float q = 3.800403e-5f;
    q = q * s + 0.001165203f;
    q = q * s + 0.014997363f;
    q = q * s + 0.11425718f;
    q = q * s + 0.50240976f;
    q = q * s + 1;
    return a * (p / q);
  }

  /**
   * Computes 1 - e^x for x at most 0 without cancellation near 0, where it uses the series, whose
   * terms decrease as 1/n!.
   */
  static float oneMinusExp(float x) {
    if (x < -0.5f) {
      return 1 - TornadoMath.exp(x);
    }
    float sum = 1;
    for (int n = 9; n > 1; n--) {
      sum = 1 + x / n * sum;
    }
    return -x * sum;
  }
}
