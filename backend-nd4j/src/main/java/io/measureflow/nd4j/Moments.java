package io.measureflow.nd4j;

import org.apache.commons.numbers.gamma.Erfcx;
import org.jspecify.annotations.Nullable;

/**
 * Gaussian moments of relu (docs/mathematics.md, section 3). The tail is phi(a) R(a) with the Mills
 * ratio R(a) = sqrt(pi/2) erfcx(a/sqrt(2)), which keeps its relative accuracy. For results of 32
 * bits it is replaced by polynomials of that accuracy.
 */
final class Moments {

  /** Below this variance the moment is that of a point. */
  private static final double POINT = 1e-300;

  private static final double SQRT_HALF = Math.sqrt(0.5);
  private static final double SQRT_HALF_PI = Math.sqrt(Math.PI / 2);
  private static final double INVERSE_SQRT_TWO_PI = 1 / Math.sqrt(2 * Math.PI);

  private Moments() {}

  /** 1 right of 0, 0 left of it, 1/2 at 0. */
  static double heaviside(double z) {
    return z > 0 ? 1 : z < 0 ? 0 : 0.5;
  }

  /** Computes the moments of order j into {@code out[j]}, if present. */
  static void relu(Memory mean, Memory variance, @Nullable Memory[] out, int from, int to) {
    boolean single = mean instanceof Memory.Singles;
    Memory g0 = out[0];
    Memory g1 = out[1];
    Memory g2 = out[2];
    Memory g3 = out[3];
    Memory g4 = out[4];
    for (int i = from; i < to; i++) {
      double m = mean.get(i);
      double v = variance.get(i);
      boolean point = v < POINT;
      double s = point ? 1 : Math.sqrt(v);
      double t = point ? 0 : m / s;
      double a = Math.abs(t);
      double phi = point ? 0 : INVERSE_SQRT_TWO_PI * Math.exp(-0.5 * t * t);
      boolean none = phi == 0;
      if (g0 != null || g1 != null) {
        double ratio =
            none ? 0 : single ? MillsRatio.of(a) : SQRT_HALF_PI * Erfcx.value(a * SQRT_HALF);
        if (g0 != null) {
          double complement = single ? MillsRatio.complement(a) : 1 - a * ratio;
          g0.set(i, Math.max(m, 0) + (none ? 0 : s * phi * complement));
        }
        if (g1 != null) {
          double tail = phi * ratio;
          g1.set(i, none ? heaviside(m) : t > 0 ? 1 - tail : tail);
        }
      }
      if (g2 != null) {
        g2.set(i, none ? 0 : phi / s);
      }
      if (g3 != null) {
        g3.set(i, none ? 0 : -t * phi / s / s);
      }
      if (g4 != null) {
        g4.set(i, none ? 0 : (t * t - 1) * phi / s / s / s);
      }
    }
  }
}
