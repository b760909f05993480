package io.measureflow.core.measures;

import static io.measureflow.core.measures.Oracle.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class DiscreteTransportTest {

  @Property(tries = 400, seed = "31")
  void agreesWithBruteForce(
      @ForAll @IntRange(min = 1, max = 4) int rows,
      @ForAll @IntRange(min = 1, max = 4) int columns,
      @ForAll long seed) {
    // Integer masses: some plan in whole units is optimal, an assignment of units to units.
    var random = new SplittableRandom(seed);
    int units = 6;
    int[] source = new int[units];
    int[] target = new int[units];
    double[] a = new double[rows];
    double[] b = new double[columns];
    for (int u = 0; u < units; u++) {
      source[u] = random.nextInt(rows);
      target[u] = random.nextInt(columns);
      a[source[u]]++;
      b[target[u]]++;
    }
    double[] cost = new double[rows * columns];
    for (int i = 0; i < cost.length; i++) {
      // Includes ties and negative costs.
      cost[i] = seed % 2 == 0 ? random.nextInt(-2, 3) : random.nextGaussian();
    }
    TransportPlan plan = DiscreteTransport.solve(a, b, cost);
    double expected = cheapest(source, target, columns, cost, 0, new boolean[units]);
    assertClose(expected, plan.cost(), 1e-13, "cost");
    check(a, b, cost, plan);
  }

  private static double cheapest(
      int[] source, int[] target, int columns, double[] cost, int unit, boolean[] taken) {
    if (unit == source.length) {
      return 0;
    }
    double best = Double.POSITIVE_INFINITY;
    for (int u = 0; u < target.length; u++) {
      if (!taken[u]) {
        taken[u] = true;
        best =
            Math.min(
                best,
                cost[source[unit] * columns + target[u]]
                    + cheapest(source, target, columns, cost, unit + 1, taken));
        taken[u] = false;
      }
    }
    return best;
  }

  /** Checks feasibility, dual feasibility and complementary slackness. */
  private static void check(double[] a, double[] b, double[] cost, TransportPlan plan) {
    double total = Arrays.stream(a).sum();
    double largest = 0;
    for (double c : cost) {
      largest = Math.max(largest, Math.abs(c));
    }
    double tolerance = 1e-14 * largest * (a.length + b.length);
    double[] given = new double[a.length];
    double[] taken = new double[b.length];
    double[] u = plan.rowPotentials();
    double[] v = plan.columnPotentials();
    double sum = 0;
    for (TransportPlan.Entry entry : plan.entries()) {
      assertTrue(entry.mass() > 0);
      given[entry.from()] += entry.mass();
      taken[entry.to()] += entry.mass();
      double c = cost[entry.from() * b.length + entry.to()];
      sum += c * entry.mass();
      assertClose(c, u[entry.from()] + v[entry.to()], tolerance, "complementary slackness");
    }
    assertTrue(plan.entries().size() < a.length + b.length);
    assertClose(a, given, 4e-15 * total, "sources");
    assertClose(b, taken, 4e-15 * total, "targets");
    assertClose(sum, plan.cost(), 1e-14 * largest * total, "cost");
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < b.length; j++) {
        double slack = cost[i * b.length + j] - u[i] - v[j];
        assertTrue(slack >= -tolerance, () -> "dual feasibility: " + slack);
      }
    }
    assertClose(0, plan.gap(), tolerance * total, "gap");
  }

  private static double[] masses(RandomGenerator random, int count, int kind) {
    double[] masses = new double[count];
    double sum = 0;
    for (int i = 0; i < count; i++) {
      masses[i] =
          switch (kind) {
            case 0 -> 1;
            case 1 -> random.nextInt(3);
            case 2 -> Math.exp(8 * random.nextGaussian());
            default -> random.nextDouble();
          };
      sum += masses[i];
    }
    masses[0] += sum == 0 ? 1 : 0;
    sum += sum == 0 ? 1 : 0;
    for (int i = 0; i < count; i++) {
      masses[i] /= sum;
    }
    return masses;
  }

  @Property(tries = 400, seed = "32")
  void largerProblemsAreProvedByTheirPotentials(
      @ForAll @IntRange(min = 1, max = 80) int rows,
      @ForAll @IntRange(min = 1, max = 80) int columns,
      @ForAll @IntRange(min = 0, max = 3) int masses,
      @ForAll @IntRange(min = 0, max = 3) int costs,
      @ForAll long seed) {
    var random = new SplittableRandom(seed);
    double[] a = masses(random, rows, masses);
    double[] b = masses(random, columns, masses);
    double[] cost = new double[rows * columns];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        cost[i * columns + j] =
            switch (costs) {
              case 0 -> 1;
              case 1 -> random.nextInt(3);
              case 2 -> Math.abs((double) i / rows - (double) j / columns);
              default -> random.nextGaussian();
            };
      }
    }
    check(a, b, cost, DiscreteTransport.solve(a, b, cost));
  }

  @Test
  void onTheLineMassIsMovedInOrder() {
    var random = new SplittableRandom(3);
    int n = 300;
    double[] x = random.doubles(n).toArray();
    double[] y = random.doubles(n).map(t -> 2 + t * t).toArray();
    double[] mass = new double[n];
    Arrays.fill(mass, 1.0 / n);
    double[] cost = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        cost[i * n + j] = (x[i] - y[j]) * (x[i] - y[j]);
      }
    }
    TransportPlan plan = DiscreteTransport.solve(mass, mass, cost);
    check(mass, mass, cost, plan);
    Arrays.sort(x);
    Arrays.sort(y);
    double expected = 0;
    for (int i = 0; i < n; i++) {
      expected += (x[i] - y[i]) * (x[i] - y[i]) / n;
    }
    assertClose(expected, plan.cost(), 1e-14, "quantile coupling");
    assertEquals(n, plan.entries().size());
  }

  @Test
  void aMeasureStaysWhereItIsAtNoCost() {
    var random = new SplittableRandom(4);
    int n = 100;
    double[] mass = masses(random, n, 3);
    double[] cost = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        cost[i * n + j] = i == j ? 0 : random.nextDouble(0.01, 1);
      }
    }
    TransportPlan plan = DiscreteTransport.solve(mass, mass, cost);
    assertEquals(0, plan.cost());
    for (TransportPlan.Entry entry : plan.entries()) {
      assertEquals(entry.from(), entry.to());
    }
  }

  @Test
  void theHardDegenerateProblemOfEqualMassesAndTiedCostsEnds() {
    int n = 400;
    double[] mass = new double[n];
    Arrays.fill(mass, 1.0 / n);
    double[] cost = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        // The optimal assignment reverses the order.
        cost[i * n + j] = (double) i * j;
      }
    }
    TransportPlan plan = DiscreteTransport.solve(mass, mass, cost);
    check(mass, mass, cost, plan);
    double expected = 0;
    for (int i = 0; i < n; i++) {
      expected += (double) i * (n - 1 - i) / n;
    }
    assertClose(expected, plan.cost(), 1e-14 * n * n, "reversal");
  }

  @Test
  void whatIsNoProblemIsRefused() {
    double[] one = {1};
    assertRefused("marginals of one sum, found 1.0 and 2.0", one, new double[] {2}, one);
    assertRefused("at least 0, found -1.0", new double[] {2, -1}, one, new double[2]);
    assertRefused("at least 0, found NaN", one, new double[] {Double.NaN}, one);
    assertRefused("positive finite total", new double[1], new double[1], one);
    assertRefused("1 x 1 costs, found 2", one, one, new double[2]);
    assertRefused(
        "cost from 1 to 0: expected a finite number, found Infinity",
        new double[] {0.5, 0.5},
        one,
        new double[] {0, Double.POSITIVE_INFINITY});
  }

  private static void assertRefused(String message, double[] a, double[] b, double[] cost) {
    var error =
        assertThrows(IllegalArgumentException.class, () -> DiscreteTransport.solve(a, b, cost));
    assertTrue(String.valueOf(error.getMessage()).contains(message), error.getMessage());
  }
}
