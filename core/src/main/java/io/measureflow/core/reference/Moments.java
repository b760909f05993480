package io.measureflow.core.reference;

import io.measureflow.api.program.Activation;
import org.apache.commons.numbers.gamma.Erfc;
import org.apache.commons.numbers.gamma.Erfcx;

/**
 * Gaussian moments of activations in float64, by the closed forms of the specification, section 3.
 */
final class Moments {

  /**
   * Below this variance the moment is that of a point. It keeps 1/v finite; the two differ by less
   * than the square root of it.
   */
  private static final double POINT = 1e-300;

  private static final double SQRT_HALF = Math.sqrt(0.5);
  private static final double SQRT_HALF_PI = Math.sqrt(Math.PI / 2);
  private static final double INVERSE_SQRT_TWO_PI = 1 / Math.sqrt(2 * Math.PI);

  private Moments() {}

  /** sigma^(order)(z), a jump taking the mean of its sides. */
  static double derivative(Activation activation, int order, double z) {
    return switch (activation) {
      case IDENTITY -> order == 0 ? z : order == 1 ? 1 : 0;
      case RELU ->
          switch (order) {
            case 0 -> Math.max(z, 0);
            case 1 -> z > 0 ? 1 : z < 0 ? 0 : 0.5;
            default -> 0;
          };
    };
  }

  /** G_order(m, v). */
  static double moment(Activation activation, int order, double m, double v) {
    if (v < POINT) {
      return derivative(activation, order, m);
    }
    return switch (activation) {
      case IDENTITY -> derivative(activation, order, m);
      case RELU -> relu(order, m, Math.sqrt(v));
    };
  }

  private static double relu(int order, double m, double s) {
    double t = m / s;
    double density = INVERSE_SQRT_TWO_PI * Math.exp(-0.5 * t * t);
    return switch (order) {
      case 0 -> t > 0 ? m * distribution(t) + s * density : s * leftTail(t, density);
      case 1 -> distribution(t);
      case 2 -> density / s;
      default -> density == 0 ? 0 : -t * density / (s * s);
    };
  }

  /**
   * phi(t) + t Phi(t) for t at most 0 as phi(t) (1 - u R(u)), u = -t, with the Mills ratio R: the
   * sum itself cancels far to the left, where this keeps its relative accuracy until phi
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
