package io.measureflow.api.activation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GaussHermiteTest {

  private static final MathContext DIGITS = new MathContext(80, RoundingMode.HALF_EVEN);

  private static void assertClose(double expected, double found, double relative, String what) {
    double difference = Math.abs(found - expected);
    if (!(difference <= relative * Math.abs(expected))) {
      assertEquals(expected, found, what);
    }
  }

  @Test
  void closedForms() {
    assertRule(1, new double[] {0}, new double[] {1});
    assertRule(2, new double[] {-1, 1}, new double[] {0.5, 0.5});
    double root = Math.sqrt(3);
    assertRule(3, new double[] {-root, 0, root}, new double[] {1 / 6.0, 2 / 3.0, 1 / 6.0});
    double outer = Math.sqrt(3 + Math.sqrt(6));
    double inner = Math.sqrt(3 - Math.sqrt(6));
    double light = (3 - Math.sqrt(6)) / 12;
    double heavy = (3 + Math.sqrt(6)) / 12;
    assertRule(
        4, new double[] {-outer, -inner, inner, outer}, new double[] {light, heavy, heavy, light});
  }

  private static void assertRule(int n, double[] nodes, double[] weights) {
    GaussHermite rule = GaussHermite.of(n);
    for (int i = 0; i < n; i++) {
      assertClose(nodes[i], rule.nodes()[i], 1e-15, n + " nodes, node " + i);
      assertClose(weights[i], rule.weights()[i], 2e-15, n + " nodes, weight " + i);
    }
  }

  /** Nodes and weights against the recurrence in 80 digits, with Newton's step to the true root. */
  @ParameterizedTest
  @ValueSource(ints = {5, 8, 16, 31, 32, 63, 64, 127, 128, 255, 256})
  void eightyDigits(int n) {
    GaussHermite rule = GaussHermite.of(n);
    double[] nodes = rule.nodes();
    double[] weights = rule.weights();
    for (int i = n / 2; i < n; i++) {
      BigDecimal q = new BigDecimal(nodes[i]);
      // He_n' = n He_{n-1}; from a node right to 1e-15 two steps are right to 1e-60.
      for (int step = 0; step < 2; step++) {
        BigDecimal[] he = hermite(n, q);
        q = q.subtract(he[0].divide(he[1].multiply(BigDecimal.valueOf(n)), DIGITS), DIGITS);
      }
      assertClose(q.doubleValue(), nodes[i], 1e-15, n + " nodes, node " + i);
      // w = n! / (n He_{n-1})^2
      BigDecimal slope = hermite(n, q)[1].multiply(BigDecimal.valueOf(n));
      BigDecimal weight = factorial(n).divide(slope.multiply(slope), DIGITS);
      // n roundings of the recurrence; an error of an ulp in the node is one of 2 q^2 in its
      // weight.
      double ulps = 10 + n / 2.0 + 2 * nodes[i] * nodes[i];
      assertClose(weight.doubleValue(), weights[i], ulps * 2.3e-16, n + " nodes, weight " + i);
      assertEquals(-nodes[i] + 0.0, nodes[n - 1 - i] + 0.0);
      assertEquals(weights[i], weights[n - 1 - i]);
    }
    for (int i = 1; i < n; i++) {
      assertTrue(nodes[i - 1] < nodes[i]);
    }
  }

  /** He_n(q) and He_{n-1}(q). */
  private static BigDecimal[] hermite(int n, BigDecimal q) {
    BigDecimal before = BigDecimal.ZERO;
    BigDecimal he = BigDecimal.ONE;
    for (int k = 0; k < n; k++) {
      BigDecimal next =
          q.multiply(he, DIGITS).subtract(BigDecimal.valueOf(k).multiply(before, DIGITS), DIGITS);
      before = he;
      he = next;
    }
    return new BigDecimal[] {he, before};
  }

  private static BigDecimal factorial(int n) {
    BigDecimal product = BigDecimal.ONE;
    for (int k = 2; k <= n; k++) {
      product = product.multiply(BigDecimal.valueOf(k));
    }
    return product;
  }

  /** E q^(2k) = (2k-1)!!, exactly so below degree 2n; odd moments vanish by symmetry. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 32, 64, 256})
  void polynomialsAreExact(int n) {
    double[] nodes = GaussHermite.of(n).nodes();
    double[] weights = GaussHermite.of(n).weights();
    double exact = 1;
    for (int degree = 0; degree < Math.min(2 * n, 160); degree += 2) {
      double even = 0;
      double odd = 0;
      for (int i = 0; i < n; i++) {
        even += weights[i] * Math.pow(nodes[i], degree);
      }
      for (int i = 0; i < n / 2; i++) {
        odd += weights[i] * Math.pow(nodes[i], degree + 1);
        odd += weights[n - 1 - i] * Math.pow(nodes[n - 1 - i], degree + 1);
      }
      exact *= Math.max(1, degree - 1);
      assertClose(exact, even, 1e-12, n + " nodes, degree " + degree);
      assertEquals(0, odd / (exact * Math.sqrt(degree + 1)), 1e-12);
    }
  }

  @Test
  void numbersOfNodesOutsideOfTheRangeAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> GaussHermite.of(0));
    assertThrows(IllegalArgumentException.class, () -> GaussHermite.of(257));
  }
}
