package io.measureflow.core.measures;

import static io.measureflow.core.measures.Oracle.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SquaredDistancesTest {

  private final RandomMeasures measures = new RandomMeasures(5);

  private List<double[]> vectors(int count, int n) {
    List<double[]> vectors = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      vectors.add(measures.vector(n, 1));
    }
    return vectors;
  }

  @Test
  void agreeWithExactSumsAtSizesAroundTheBlocks() {
    for (int n : new int[] {1, 7, 8, 17}) {
      for (int k0 : new int[] {1, 31, 33}) {
        for (int k1 : new int[] {1, 255, 257}) {
          List<double[]> sources = vectors(k0, n);
          List<double[]> targets = vectors(k1, n);
          double[] sums = new double[k0 * k1];
          Arrays.fill(sums, 0.5);
          SquaredDistances.add(sources, targets, sums);
          for (int i = 0; i < k0; i++) {
            for (int j = 0; j < k1; j++) {
              double exact = exact(sources.get(i), targets.get(j));
              assertClose(0.5 + exact, sums[i * k1 + j], 1e-15 * (n + 1) * (1 + exact), "distance");
            }
          }
        }
      }
    }
  }

  @Test
  void smallDistancesKeepTheirDigits() {
    double[] source = measures.vector(20, 1000);
    double[] target = source.clone();
    target[3] += 0x1p-30;
    double expected = (target[3] - source[3]) * (target[3] - source[3]);
    double[] sum = new double[1];
    SquaredDistances.add(List.of(source), List.of(target), sum);
    assertEquals(expected, sum[0]);
  }

  private static double exact(double[] first, double[] second) {
    BigDecimal sum = BigDecimal.ZERO;
    for (int i = 0; i < first.length; i++) {
      BigDecimal difference = new BigDecimal(first[i]).subtract(new BigDecimal(second[i]));
      sum = sum.add(difference.multiply(difference));
    }
    return sum.doubleValue();
  }
}
