package io.measureflow.nd4j;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.commons.numbers.gamma.Erfcx;
import org.junit.jupiter.api.Test;

class MillsRatioTest {

  /** Compares with erfcx of an independent library, to the accuracy that the fits claim. */
  @Test
  void agreesWithTheScaledErrorFunction() {
    for (int i = 0; i < 15_000; i++) {
      double a = i / 1000.0;
      double ratio = Math.sqrt(Math.PI / 2) * Erfcx.value(a / Math.sqrt(2));
      assertClose(ratio, MillsRatio.of(a), a, 1e-10);
      // 1 - a R loses about a^2 + 1 units of the last place of a double here: at most 226.
      assertClose(1 - a * ratio, MillsRatio.complement(a), a, 9e-10);
    }
  }

  /** Compares h with its continued fraction, as 1 - a R has no digits left there. */
  @Test
  void continuesFarOut() {
    for (double a = MillsRatio.END; a < 1e4; a *= 1.01) {
      double fraction = a;
      for (int n = 60; n >= 2; n--) {
        fraction = a + n / fraction;
      }
      // R = 1/(a + 1/fraction), so that 1 - a R = R/fraction.
      double ratio = 1 / (a + 1 / fraction);
      assertClose(ratio, MillsRatio.of(a), a, 2e-9);
      assertClose(ratio / fraction, MillsRatio.complement(a), a, 2e-8);
    }
  }

  private static void assertClose(double expected, double found, double a, double tolerance) {
    double error = Math.abs(found / expected - 1);
    assertTrue(
        error <= tolerance, () -> "a = " + a + ": expected " + expected + ", found " + found);
  }
}
