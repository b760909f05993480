package io.measureflow.core.reference;

import org.apache.commons.numbers.gamma.Erfc;
import org.apache.commons.numbers.gamma.Erfcx;

/** Gaussian moments of relu in float64, by the closed forms of docs/mathematics.md, section 3. */
final class ReluMoments {

  /**
   * Below this variance the moment is that of a point, so that 1/v is finite; the two differ by
   * less than its square root.
   */
  private static final double POINT = 1e-300;

  private static final double SQRT_HALF = Math.sqrt(0.5);
  private static final double SQRT_HALF_PI = Math.sqrt(Math.PI / 2);
  private static final double INVERSE_SQRT_TWO_PI = 1 / Math.sqrt(2 * Math.PI);

  private ReluMoments() {}

  /** G_order(m, v). */
  static double moment(int order, double m, double v) {
    if (v < POINT) {
      return switch (order) {
        case 0 -> Math.max(m, 0);
        case 1 -> heaviside(m);
        default -> 0;
      };
    }
    double s = Math.sqrt(v);
    double t = m / s;
    double density = INVERSE_SQRT_TWO_PI * Math.exp(-0.5 * t * t);
    return switch (order) {
      case 0 -> t > 0 ? m * distribution(t) + s * density : s * leftTail(t, density);
      case 1 -> distribution(t);
      case 2 -> density / s;
      case 3 -> density == 0 ? 0 : -t * density / s / s;
      default -> density == 0 ? 0 : (t * t - 1) * density / s / s / s;
    };
  }

  /** 1 right of 0, 0 left of it, 1/2 at 0. */
  static double heaviside(double z) {
    return z > 0 ? 1 : z < 0 ? 0 : 0.5;
  }

  /**
   * Computes phi(t) + t Phi(t) for t at most 0 as phi(t) (1 - u R(u)), u = -t, with the Mills ratio
   * R: the sum itself cancels far to the left, while this keeps its relative accuracy until phi
   * underflows.
   */
  private static double leftTail(double t, double density) {
    if (density == 0) {
      return 0;
    }
    double u = -t;
    return density * (1 - u * SQRT_HALF_PI * Erfcx.value(u * SQRT_HALF));
  }

  private static double distribution(double t) {
    return 0.5 * Erfc.value(-t * SQRT_HALF);
  }
}
