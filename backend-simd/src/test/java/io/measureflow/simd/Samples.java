package io.measureflow.simd;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assertions;

/** Numbers for tests, and comparisons that NaN fails. */
public final class Samples {

  /** Lengths around every vector width and unrolling. */
  public static final List<Integer> LENGTHS =
      List.of(0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 127, 257, 1000);

  private Samples() {}

  public static float[] normal(long seed, int size) {
    var random = new Random(seed);
    float[] sample = new float[size];
    for (int i = 0; i < size; i++) {
      sample[i] = (float) random.nextGaussian();
    }
    return sample;
  }

  public static float[] filled(int size, float value) {
    float[] array = new float[size];
    Arrays.fill(array, value);
    return array;
  }

  public static void assertClose(double expected, double found, double tolerance, String what) {
    boolean equal = Double.compare(expected, found) == 0;
    if (!equal && !(Math.abs(expected - found) <= tolerance)) {
      Assertions.fail(what + ": expected " + expected + ", found " + found);
    }
  }

  public static void assertClose(double[] expected, float[] found, double tolerance, String what) {
    Assertions.assertEquals(expected.length, found.length, what);
    double largest =
        Arrays.stream(expected).map(Math::abs).filter(Double::isFinite).max().orElse(0);
    for (int i = 0; i < expected.length; i++) {
      assertClose(
          (float) expected[i], found[i], tolerance * Math.max(1, largest), what + " at " + i);
    }
  }

  public static double[] toDoubles(float[] a) {
    double[] doubles = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      doubles[i] = a[i];
    }
    return doubles;
  }
}
