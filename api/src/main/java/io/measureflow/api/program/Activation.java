package io.measureflow.api.program;

import java.util.Locale;

/**
 * The activation functions whose Gaussian moments every backend computes (specification, section
 * 3).
 *
 * <p>For z ~ N(m, v) the moment of order j is G_j(m, v) = E[sigma^(j)(z)], with dG_j/dm = G_{j+1}
 * and dG_j/dv = G_{j+2}/2 (Bonnet 1964; Price 1958). At v = 0 it is sigma^(j)(m), where a jump
 * takes the mean of its two sides: the first derivative of relu at 0 is 1/2.
 */
public enum Activation {
  /** sigma(z) = z. */
  IDENTITY,
  /** sigma(z) = max(z, 0). */
  RELU;

  /** The highest order of a moment: reverse mode through G_1 asks for G_3. */
  public static final int MAX_ORDER = 3;

  /** The name in configurations and checkpoints: lower case. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
