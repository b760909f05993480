package io.measureflow.simd.kernels;

import static io.measureflow.simd.Samples.LENGTHS;
import static io.measureflow.simd.Samples.assertClose;
import static io.measureflow.simd.Samples.normal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.simd.Samples;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/**
 * Checks each kernel of both implementations against plain double arithmetic, in a test and in JVMs
 * with other vector widths.
 */
final class KernelChecks {

  private static final List<Kernels> IMPLEMENTATIONS = List.of(Kernels.best(), new ScalarKernels());

  private static final float[] EXTREMES = {
    0,
    -0.0f,
    1,
    -1,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    Float.MIN_NORMAL,
    1e-30f,
    -1e-30f,
    1e10f,
    -1e10f,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.NaN
  };

  private static final int OFFSET = 3;

  private KernelChecks() {}

  /** Returns all checks, by name. */
  static Map<String, Runnable> all() {
    var checks = new LinkedHashMap<String, Runnable>();
    checks.put("dotRows", () -> DotChecks.dotRows(IMPLEMENTATIONS));
    checks.put("combineRows", () -> DotChecks.combineRows(IMPLEMENTATIONS));
    checks.put("repetitions", KernelChecks::repetitions);
    checks.put("warmUpStaysInBounds", KernelChecks::warmUpStaysInBounds);
    checks.put("updatesFromElsewhere", KernelChecks::updatesFromElsewhere);
    checks.put("subnormalResultsVanish", KernelChecks::subnormalResultsVanish);
    checks.put("sums", KernelChecks::sums);
    checks.put("expIsAccurateEverywhere", KernelChecks::expIsAccurateEverywhere);
    checks.put("expOfExtremes", KernelChecks::expOfExtremes);
    checks.put("expAtOddLengthsStaysInBounds", KernelChecks::expAtOddLengthsStaysInBounds);
    checks.put("heaviside", KernelChecks::heaviside);
    checks.put("selections", KernelChecks::selections);
    checks.put("sumsOfRows", KernelChecks::sumsOfRows);
    checks.put("logarithms", KernelChecks::logarithms);
    checks.put("sines", KernelChecks::sines);
    checks.put("errorFunction", KernelChecks::errorFunction);
    checks.put("elementaryFunctionsOfExtremes", KernelChecks::elementaryFunctionsOfExtremes);
    checks.put("elementaryFunctionsAtOddLengths", KernelChecks::elementaryFunctionsAtOddLengths);
    checks.put(
        "reluMomentsHaveASmallRelativeError", KernelChecks::reluMomentsHaveASmallRelativeError);
    checks.put("reluMomentsAtAPoint", KernelChecks::reluMomentsAtAPoint);
    checks.put(
        "reluMomentsOfFiniteArgumentsAreNeverNaN",
        KernelChecks::reluMomentsOfFiniteArgumentsAreNeverNaN);
    checks.put(
        "reluMomentsAtOddLengthsAndForSomeOrders",
        KernelChecks::reluMomentsAtOddLengthsAndForSomeOrders);
    return checks;
  }

  /** Runs all checks in this JVM and prints its kernels. */
  @SuppressWarnings("SystemOut")
  public static void main(String[] arguments) {
    all().values().forEach(Runnable::run);
    System.out.println(Kernels.best().description());
  }

  private static void repetitions() {
    for (Kernels kernels : IMPLEMENTATIONS) {
      for (int length : LENGTHS) {
        float[] source = normal(1, OFFSET + length);
        for (int times : new int[] {0, 1, 5, 10, 16, 32, 33}) {
          float[] found = normal(2, OFFSET + length * times + OFFSET);
          float[] expected = found.clone();
          for (int i = 0; i < length * times; i++) {
            expected[OFFSET + i] = source[OFFSET + i / times];
          }
          kernels.repeatEach(source, OFFSET, length, times, found, OFFSET);
          assertArrayEquals(expected, found, kernels + " " + length + " times " + times);
        }
      }
    }
  }

  private static void updatesFromElsewhere() {
    for (Kernels kernels : IMPLEMENTATIONS) {
      for (int length : LENGTHS) {
        float[] theta = normal(1, OFFSET + length);
        float[] g = normal(2, 2 * OFFSET + length);
        double[] descended = Samples.toDoubles(theta);
        double[] multiplied = Samples.toDoubles(theta);
        for (int i = 0; i < length; i++) {
          descended[OFFSET + i] -= 0.3 * g[2 * OFFSET + i];
          multiplied[OFFSET + i] *= 2 * (double) g[2 * OFFSET + i] + 0.5;
        }
        float[] found = theta.clone();
        kernels.descend(found, OFFSET, g, 2 * OFFSET, length, 0.3f);
        assertClose(descended, found, 1e-6, "descend " + length);
        found = theta.clone();
        kernels.multiplyByAffine(found, OFFSET, g, 2 * OFFSET, length, 2, 0.5f);
        assertClose(multiplied, found, 1e-6, "multiplyByAffine " + length);
      }
    }
  }

  private static void subnormalResultsVanish() {
    float[] interesting = {
      0,
      -0f,
      Float.MIN_VALUE,
      -1e-42f,
      Float.MIN_NORMAL,
      2.5e-38f,
      -1e-36f,
      1e-20f,
      1e-19f,
      -0.5f,
      1,
      3e19f,
      -1e30f,
      Float.MAX_VALUE,
      Float.NEGATIVE_INFINITY,
      Float.NaN
    };
    int size = interesting.length * interesting.length;
    float[] a = new float[OFFSET + size + OFFSET];
    float[] b = a.clone();
    for (int i = 0; i < size; i++) {
      a[OFFSET + i] = interesting[i % interesting.length];
      b[OFFSET + i] = interesting[i / interesting.length];
    }
    for (Kernels kernels : IMPLEMENTATIONS) {
      for (int length : new int[] {0, 1, 15, 16, 17, 100, size}) {
        float[] products = normal(1, a.length);
        float[] flushed = a.clone();
        float[] before = products.clone();
        kernels.multiplyElementwise(a, b, OFFSET, length, products);
        kernels.flush(flushed, OFFSET, length, Float.MIN_NORMAL);
        float[] large = a.clone();
        kernels.flush(large, OFFSET, length, 0x1p-100f);
        for (int i = 0; i < a.length; i++) {
          boolean inside = i >= OFFSET && i < OFFSET + length;
          float exact = a[i] * b[i];
          String what = kernels + ", " + a[i] + " x " + b[i];
          if (!inside) {
            assertEquals(before[i], products[i], what);
            assertEquals(a[i], flushed[i], what);
            assertEquals(a[i], large[i], what);
          } else {
            if (Math.abs(exact) < 2 * Float.MIN_NORMAL) {
              assertTrue(products[i] == 0 || products[i] == exact, what + ": " + products[i]);
              assertTrue(!isSubnormal(products[i]), what + ": " + products[i]);
            } else {
              assertEquals(exact, products[i], what);
            }
            // Added to 0, as the sign of a zero does not matter.
            assertEquals(isSubnormal(a[i]) ? 0 : a[i] + 0f, flushed[i] + 0f, what);
            assertEquals(Math.abs(a[i]) < 0x1p-100f ? 0 : a[i] + 0f, large[i] + 0f, what);
          }
        }
      }
    }
  }

  private static boolean isSubnormal(float x) {
    return x != 0 && Math.abs(x) < Float.MIN_NORMAL;
  }

  private static void sums() {
    for (Kernels kernels : IMPLEMENTATIONS) {
      for (int length : LENGTHS) {
        float[] a = normal(4, OFFSET + length + 1);
        float[] b = normal(5, OFFSET + length + 1);
        double sum = 0;
        double squares = 0;
        double products = 0;
        double distance = 0;
        for (int i = OFFSET; i < OFFSET + length; i++) {
          sum += a[i];
          squares += (double) a[i] * a[i];
          products += (double) a[i] * b[i];
          distance += Math.pow((double) a[i] - b[i], 2);
        }
        assertClose(sum, kernels.sum(a, OFFSET, length), 1e-5, "sum of " + length);
        assertClose(
            squares,
            kernels.sumOfProducts(a, a, OFFSET, length),
            1e-6 * Math.max(1, squares),
            "sum of squares of " + length);
        assertClose(
            products,
            kernels.sumOfProducts(a, b, OFFSET, length),
            1e-6 * Math.max(1, squares),
            "sum of products of " + length);
        assertClose(
            distance,
            kernels.squaredDistance(a, b, OFFSET, length),
            1e-6 * Math.max(1, distance),
            "squared distance of " + length);
      }
      float[] ones = Samples.filled(Kernels.SUM_RUN, 1);
      assertEquals(Kernels.SUM_RUN, kernels.sum(ones, 0, ones.length));
      ones[77] = Float.NaN;
      assertTrue(Float.isNaN(kernels.sum(ones, 0, ones.length)));
      ones[77] = Float.POSITIVE_INFINITY;
      assertEquals(Float.POSITIVE_INFINITY, kernels.sum(ones, 0, ones.length));
    }
  }

  private static void expIsAccurateEverywhere() {
    int size = 200_001;
    float[] x = new float[size];
    for (int i = 0; i < size; i++) {
      x[i] = -106 + 196f * i / (size - 1);
    }
    for (Kernels kernels : IMPLEMENTATIONS) {
      float[] found = new float[size];
      kernels.exp(x, 0, size, found);
      double worst = 0;
      for (int i = 0; i < size; i++) {
        double exact = Math.exp(x[i]);
        if (exact > Float.MAX_VALUE) {
          assertTrue(found[i] >= Float.MAX_VALUE, "exp " + x[i]);
        } else if (exact < 1.001 * Float.MIN_NORMAL) {
          assertClose(exact, found[i], 1.001 * Float.MIN_NORMAL, "exp " + x[i]);
        } else {
          worst = Math.max(worst, Math.abs(found[i] / exact - 1));
        }
      }
      assertTrue(worst < 2e-7, kernels.description() + ": exp, relative error " + worst);
    }
  }

  private static void expOfExtremes() {
    float[] expected = new float[EXTREMES.length];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = (float) Math.exp(EXTREMES[i]);
    }
    for (Kernels kernels : IMPLEMENTATIONS) {
      float[] found = new float[EXTREMES.length];
      kernels.exp(EXTREMES, 0, found.length, found);
      assertArrayEquals(expected, found, 3e-7f, kernels.description());
    }
  }

  /** The warm-up ends without an exception, which would end its thread unnoticed. */
  private static void warmUpStaysInBounds() {
    for (Kernels kernels : IMPLEMENTATIONS) {
      new WarmUp(kernels).run();
    }
  }

  private static void expAtOddLengthsStaysInBounds() {
    for (Kernels kernels : IMPLEMENTATIONS) {
      for (int length : LENGTHS) {
        float[] a = normal(6, OFFSET + length + 1);
        float[] found = Samples.filled(a.length, 7);
        kernels.exp(a, OFFSET, length, found);
        for (int i = 0; i < a.length; i++) {
          boolean inside = i >= OFFSET && i < OFFSET + length;
          double exact = inside ? Math.exp(a[i]) : 7;
          assertClose(exact, found[i], inside ? 2e-7 * exact : 0, "exp of length " + length);
        }
      }
    }
  }

  private static void heaviside() {
    for (Kernels kernels : IMPLEMENTATIONS) {
      for (int length : LENGTHS) {
        float[] a = new float[OFFSET + length];
        for (int i = 0; i < a.length; i++) {
          a[i] = EXTREMES[i % (EXTREMES.length - 1)];
        }
        float[] found = new float[a.length];
        kernels.heaviside(a, OFFSET, length, found);
        for (int i = OFFSET; i < a.length; i++) {
          assertEquals(a[i] > 0 ? 1 : a[i] < 0 ? 0 : 0.5f, found[i], "heaviside " + a[i]);
        }
      }
    }
  }

  private static void selections() {
    for (Kernels kernels : IMPLEMENTATIONS) {
      for (int length : LENGTHS) {
        float[] c = new float[OFFSET + length];
        for (int i = 0; i < c.length; i++) {
          c[i] = EXTREMES[i % EXTREMES.length];
        }
        float[] a = normal(3, c.length);
        float[] b = normal(4, c.length);
        float[] found = c.clone();
        kernels.select(found, a, b, OFFSET, length, found);
        for (int i = 0; i < c.length; i++) {
          float expected = i < OFFSET ? c[i] : c[i] > 0 ? a[i] : b[i];
          assertEquals(expected, found[i], "selection by " + c[i]);
        }
        float[] kept = a.clone();
        kernels.keepWherePositive(c, kept, OFFSET, length, kept);
        float[] combined = b.clone();
        kernels.combine(2, a, -3, combined, OFFSET, length, combined);
        for (int i = 0; i < c.length; i++) {
          boolean isOutside = i < OFFSET;
          assertEquals(isOutside || c[i] > 0 ? a[i] : 0, kept[i], "kept where " + c[i]);
          double sum = isOutside ? b[i] : 2.0 * a[i] - 3.0 * b[i];
          assertClose(sum, combined[i], 1e-6 * Math.max(1, Math.abs(sum)), "combination");
        }
      }
    }
  }

  private static void sumsOfRows() {
    for (Kernels kernels : IMPLEMENTATIONS) {
      for (int count : LENGTHS) {
        for (int rows : new int[] {0, 1, 2, 7}) {
          for (boolean accumulate : new boolean[] {false, true}) {
            int stride = count + 2;
            float[] a = normal(8, OFFSET + rows * stride);
            float[] found = normal(9, count + 4);
            double[] expected = Samples.toDoubles(found);
            for (int j = 0; j < count; j++) {
              double sum = accumulate ? found[2 + j] : 0;
              for (int row = 0; row < rows; row++) {
                sum += a[OFFSET + row * stride + j];
              }
              expected[2 + j] = sum;
            }
            kernels.sumRows(a, OFFSET, stride, rows, found, 2, count, accumulate);
            assertClose(expected, found, 1e-6, rows + " rows of " + count);
          }
        }
      }
    }
  }

  private interface Function {
    void apply(Kernels kernels, float[] a, int offset, int count, float[] out);
  }

  private record Elementary(String name, DoubleUnaryOperator exact, Function kernel) {

    /** Returns the largest error relative to the exact value, or the absolute one. */
    double worst(Kernels kernels, float[] x, boolean relative) {
      float[] found = new float[x.length];
      kernel.apply(kernels, x, 0, x.length, found);
      double worst = 0;
      for (int i = 0; i < x.length; i++) {
        double expected = exact.applyAsDouble(x[i]);
        double error = Math.abs(found[i] - expected);
        worst = Math.max(worst, relative && expected != 0 ? error / Math.abs(expected) : error);
      }
      return worst;
    }

    void check(float[] x, double allowed) {
      for (Kernels kernels : IMPLEMENTATIONS) {
        double worst = worst(kernels, x, true);
        assertTrue(
            worst <= allowed, kernels.description() + ": " + name + ", relative error " + worst);
      }
    }
  }

  private static final Elementary LOG = new Elementary("log", Math::log, Kernels::log);
  private static final Elementary LOG1P = new Elementary("log1p", Math::log1p, Kernels::log1p);
  private static final Elementary SIN = new Elementary("sin", Math::sin, Kernels::sin);
  private static final Elementary COS = new Elementary("cos", Math::cos, Kernels::cos);
  private static final Elementary ERF = new Elementary("erf", NormalOracle::erf, Kernels::erf);

  /** Evenly spaced numbers from low to high. */
  private static float[] evenly(double low, double high) {
    int size = 100_001;
    float[] x = new float[size];
    for (int i = 0; i < size; i++) {
      x[i] = (float) (low + (high - low) * i / (size - 1));
    }
    return x;
  }

  /** Numbers of one sign from low to high, evenly spaced in their logarithm. */
  private static float[] everyMagnitude(double low, double high) {
    float[] x = evenly(Math.log(Math.abs(low)), Math.log(Math.abs(high)));
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) (Math.signum(low) * Math.exp(x[i]));
    }
    return x;
  }

  private static void logarithms() {
    LOG.check(everyMagnitude(2e-38, 3e38), 2e-7);
    LOG.check(everyMagnitude(1e-44, 2e-38), 2e-7);
    LOG.check(evenly(0.5, 2), 2e-7);
    LOG.check(evenly(0.9999, 1.0001), 2e-7);
    LOG1P.check(everyMagnitude(1e-38, 3e38), 2e-7);
    LOG1P.check(everyMagnitude(-1e-38, -0.9999), 2e-7);
    LOG1P.check(evenly(-0.99999994, 3), 2e-7);
  }

  private static void sines() {
    for (Elementary function : List.of(SIN, COS)) {
      function.check(evenly(-7, 7), 2e-7);
      function.check(evenly(-1e4, 1e4), 2e-7);
      function.check(evenly(9e4, 1.1e5), 2e-7);
      function.check(everyMagnitude(1e-30, 3e38), 2e-7);
      // The floats next to multiples of pi/2, where nearly all of x is subtracted.
      float[] x = evenly(0, 0);
      for (int n = 0; n < x.length; n++) {
        x[n] = (float) ((n - 50_000) * (Math.PI / 2));
      }
      function.check(x, 2e-7);
    }
  }

  private static void errorFunction() {
    ERF.check(evenly(-5, 5), 4e-7);
    ERF.check(everyMagnitude(1e-30, 1e10), 4e-7);
    ERF.check(everyMagnitude(-1e-30, -1e10), 4e-7);
    float[] x = evenly(3, 4);
    for (Kernels kernels : IMPLEMENTATIONS) {
      float[] found = new float[x.length];
      kernels.erf(x, 0, x.length, found);
      for (float y : found) {
        assertTrue(y <= 1, kernels.description());
      }
    }
  }

  private static void elementaryFunctionsOfExtremes() {
    float[] x = Arrays.copyOf(EXTREMES, EXTREMES.length + 3);
    x[EXTREMES.length] = -1.0000001f;
    x[EXTREMES.length + 1] = -0.99999994f;
    x[EXTREMES.length + 2] = Kernels.NEAR;
    for (Elementary function : List.of(LOG, LOG1P, SIN, COS, ERF)) {
      for (Kernels kernels : IMPLEMENTATIONS) {
        float[] found = new float[x.length];
        function.kernel().apply(kernels, x, 0, x.length, found);
        float[] inPlace = x.clone();
        function.kernel().apply(kernels, inPlace, 0, x.length, inPlace);
        assertArrayEquals(found, inPlace, function.name() + " in place");
        for (int i = 0; i < x.length; i++) {
          double exact =
              Float.isInfinite(x[i]) && function.equals(ERF)
                  ? Math.signum(x[i])
                  : function.exact().applyAsDouble(x[i]);
          String what = kernels.description() + ": " + function.name() + " " + x[i];
          assertClose(exact, found[i], Math.max(Float.MIN_VALUE, 4e-7 * Math.abs(exact)), what);
        }
      }
    }
  }

  private static void elementaryFunctionsAtOddLengths() {
    for (Elementary function : List.of(LOG, LOG1P, SIN, COS, ERF)) {
      for (Kernels kernels : IMPLEMENTATIONS) {
        for (int length : LENGTHS) {
          float[] a = normal(10, OFFSET + length + 1);
          for (int i = 0; i < a.length; i++) {
            // Some of them are beyond the range of vectorized sines.
            a[i] = Math.abs(a[i]) * (i % 5 == 0 ? 1e6f : 1);
          }
          float[] found = Samples.filled(a.length, 7);
          function.kernel().apply(kernels, a, OFFSET, length, found);
          for (int i = 0; i < a.length; i++) {
            boolean inside = i >= OFFSET && i < OFFSET + length;
            double exact = inside ? function.exact().applyAsDouble(a[i]) : 7;
            assertClose(exact, found[i], 4e-7 * Math.abs(exact), function.name() + " of " + a[i]);
          }
        }
      }
    }
  }

  /** t from -40 to 40 at several scales: the bounds that the documentation of the kernel states. */
  private static void reluMomentsHaveASmallRelativeError() {
    int size = 16_001;
    float[] mean = new float[size];
    float[] variance = new float[size];
    for (float v : new float[] {1, 0.7f, 1e-30f, 3.3e-12f, 5e4f, 1e20f}) {
      double s = Math.sqrt(v);
      for (int i = 0; i < size; i++) {
        variance[i] = v;
        mean[i] = (float) (s * (-40 + i * (80.0 / (size - 1))));
      }
      for (Kernels kernels : IMPLEMENTATIONS) {
        float[][] found = new float[5][size];
        kernels.reluMoments(mean, variance, 0, size, found);
        for (int i = 0; i < size; i++) {
          double t = mean[i] / s;
          for (int order = 0; order < 5; order++) {
            double exact = NormalOracle.reluMoment(order, mean[i], v);
            String what = kernels.description() + ": G" + order + " at v = " + v + ", t = " + t;
            if (Math.abs(exact) > 0.99999 * Float.MAX_VALUE) {
              assertTrue(found[order][i] / Math.signum(exact) >= 0.9999f * Float.MAX_VALUE, what);
            } else if (Math.abs(t) < GaussianTail.END - 1e-5) {
              double scale =
                  order < 4
                      ? Math.abs(exact)
                      : Math.max(1, t * t) * NormalOracle.density(t) / v / s;
              assertClose(exact, found[order][i], Math.max(Float.MIN_NORMAL, 1e-6 * scale), what);
            } else if (Math.abs(t) > GaussianTail.END + 1e-5) {
              double limit = order == 0 ? Math.max(mean[i], 0) : order == 1 && t > 0 ? 1 : 0;
              assertEquals(limit, found[order][i], 1e-6 * limit, what);
            }
          }
        }
      }
    }
  }

  private static void reluMomentsAtAPoint() {
    float[] mean = EXTREMES.clone();
    mean[mean.length - 1] = 5;
    mean[mean.length - 2] = 6;
    mean[mean.length - 3] = 7;
    float[] variance = new float[mean.length];
    variance[0] = -0.0f;
    for (Kernels kernels : IMPLEMENTATIONS) {
      float[][] found = new float[5][mean.length];
      kernels.reluMoments(mean, variance, 0, mean.length, found);
      for (int i = 0; i < mean.length; i++) {
        String what = kernels.description() + " at m = " + mean[i];
        assertEquals(mean[i] > 0 ? mean[i] : 0.0, (double) found[0][i], what);
        assertEquals(mean[i] > 0 ? 1 : mean[i] < 0 ? 0 : 0.5f, found[1][i], what);
        assertTrue(found[2][i] == 0, what);
        assertTrue(found[3][i] == 0, what);
        assertTrue(found[4][i] == 0, what);
      }
    }
  }

  private static void reluMomentsOfFiniteArgumentsAreNeverNaN() {
    float[] means = Arrays.copyOf(EXTREMES, EXTREMES.length - 3);
    float[] variances = {
      0, Float.MIN_VALUE, 1e-42f, Float.MIN_NORMAL, 1e-30f, 1e-10f, 1, 1e10f, 1e30f, Float.MAX_VALUE
    };
    for (Kernels kernels : IMPLEMENTATIONS) {
      for (float v : variances) {
        float[] variance = Samples.filled(means.length, v);
        float[][] found = new float[5][means.length];
        kernels.reluMoments(means, variance, 0, means.length, found);
        for (int order = 0; order < 5; order++) {
          for (int i = 0; i < means.length; i++) {
            assertFalse(
                Float.isNaN(found[order][i]),
                kernels.description() + ": G" + order + "(" + means[i] + ", " + v + ")");
          }
        }
      }
    }
  }

  private static void reluMomentsAtOddLengthsAndForSomeOrders() {
    for (Kernels kernels : IMPLEMENTATIONS) {
      for (int length : LENGTHS) {
        float[] mean = normal(7, OFFSET + length + 1);
        float[] variance = Samples.filled(mean.length, 0.8f);
        float[][] all = new float[5][mean.length];
        kernels.reluMoments(mean, variance, OFFSET, length, all);
        for (int order = 0; order < 5; order++) {
          float[][] one = new float[5][];
          Arrays.fill(one, new float[mean.length]);
          // Higher orders are written before this one.
          Arrays.fill(one, order, one.length, new float[mean.length]);
          kernels.reluMoments(mean, variance, OFFSET, length, one);
          assertArrayEquals(all[order], one[order]);
          assertEquals(0, one[order][OFFSET + length]);
          for (int i = OFFSET; i < OFFSET + length; i++) {
            double exact = NormalOracle.reluMoment(order, mean[i], variance[i]);
            assertClose(exact, one[order][i], 2e-6, "G" + order);
          }
        }
      }
    }
  }
}
