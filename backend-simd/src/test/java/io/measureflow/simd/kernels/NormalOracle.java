package io.measureflow.simd.kernels;

/** The standard normal distribution in double precision, by other methods than the kernels'. */
public final class NormalOracle {

  private static final double SERIES_END = 2.5;

  private NormalOracle() {}

  public static double density(double t) {
    return Math.exp(-0.5 * t * t) / Math.sqrt(2 * Math.PI);
  }

  /** Q(a)/phi(a): a power series near 0, Laplace's continued fraction further out. */
  public static double millsRatio(double a) {
    if (a < SERIES_END) {
      // Phi(a) - 1/2 = phi(a) (a + a^3/3 + a^5/15 + ...)
      double term = a;
      double sum = a;
      for (int n = 3; n < 200; n += 2) {
        term *= a * a / n;
        sum += term;
      }
      return 0.5 / density(a) - sum;
    }
    double tail = a;
    for (int n = 400; n >= 1; n--) {
      tail = a + n / tail;
    }
    return 1 / tail;
  }

  public static double cdf(double t) {
    double tail = density(t) * millsRatio(Math.abs(t));
    return t > 0 ? 1 - tail : tail;
  }

  /** erf(a) = sign(a) (1 - 2 Q(sqrt(2) |a|)), by the power series itself near 0. */
  public static double erf(double a) {
    double t = Math.sqrt(2) * Math.abs(a);
    if (t < SERIES_END) {
      double term = t;
      double sum = t;
      for (int n = 3; n < 200; n += 2) {
        term *= t * t / n;
        sum += term;
      }
      return Math.signum(a) * 2 * density(t) * sum;
    }
    return Math.signum(a) * (1 - 2 * density(t) * millsRatio(t));
  }

  /** Returns the moment of relu of the given order for a variance above 0. */
  public static double reluMoment(int order, double m, double v) {
    double s = Math.sqrt(v);
    double t = m / s;
    double a = Math.abs(t);
    return switch (order) {
      case 0 -> Math.max(m, 0) + s * density(t) * (1 - a * millsRatio(a));
      case 1 -> cdf(t);
      case 2 -> density(t) / s;
      case 3 -> -t * density(t) / v;
      case 4 -> (t * t - 1) * density(t) / v / s;
      default -> throw new IllegalArgumentException("order " + order);
    };
  }
}
