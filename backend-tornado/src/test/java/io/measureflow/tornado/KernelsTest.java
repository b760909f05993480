package io.measureflow.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Compares kernels as plain Java, without a device, with loops in float64 and functions of the JDK.
 */
final class KernelsTest {

  private static FloatArray random(int size, long seed) {
    var random = new SplittableRandom(seed);
    var array = new FloatArray(size);
    for (int i = 0; i < size; i++) {
      array.set(i, (float) random.nextDouble(-2, 2));
    }
    return array;
  }

  private static void assertClose(double expected, double found, double tolerance, String what) {
    double allowed = tolerance * Math.max(1, Math.abs(expected));
    assertTrue(
        Double.compare(expected, found) == 0 || Math.abs(expected - found) <= allowed,
        () -> what + ": expected " + expected + ", found " + found);
  }

  // ---- functions ----

  private static void assertFunction(
      int function, DoubleUnaryOperator exact, double low, double high) {
    for (int i = 0; i <= 20000; i++) {
      float x = (float) (low + (high - low) * i / 20000);
      double expected = exact.applyAsDouble(x);
      double found = Functions.apply(function, x);
      double allowed = 5e-7 * Math.abs(expected) + 1e-37;
      assertTrue(
          Math.abs(expected - found) <= allowed,
          () -> "function " + function + " of " + x + ": " + expected + ", found " + found);
    }
  }

  @Test
  void functionsAgreeWithTheirDefinitions() {
    assertFunction(Functions.EXP, Math::exp, -80, 80);
    assertFunction(Functions.LOG, Math::log, 0.01, 100);
    assertFunction(Functions.LOG1P, Math::log1p, -0.999, 3);
    assertFunction(Functions.LOG1P, Math::log1p, -1e-6, 1e-6);
    assertEquals(Float.NEGATIVE_INFINITY, Functions.log1p(-1));
    assertTrue(Float.isNaN(Functions.log1p(-2)));
    assertEquals(Float.POSITIVE_INFINITY, Functions.log1p(Float.POSITIVE_INFINITY));
    assertFunction(Functions.ERF, KernelsTest::erf, -3, 3);
    assertTrue(Float.isNaN(Functions.erf(Float.NaN)));
    assertEquals(1, Functions.erf(10));
    assertEquals(-1, Functions.erf(Float.NEGATIVE_INFINITY));
    assertEquals(0.5f, Functions.heaviside(-0f));
    for (double x = -20; x <= 0; x += 0.001) {
      assertClose(-Math.expm1((float) x), Functions.oneMinusExp((float) x), 2e-7, "1 - e^" + x);
      double small = x * 1e-6;
      double expected = -Math.expm1((float) small);
      double found = Functions.oneMinusExp((float) small);
      assertTrue(Math.abs(expected - found) <= 2e-7 * expected, "1 - e^" + small);
    }
  }

  /** Sums the Maclaurin series, whose terms grow to about e^(x^2) before they decrease. */
  private static double erf(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; n < 100; n++) {
      term *= -x * x / n;
      sum += term / (2 * n + 1);
    }
    return sum * 2 / Math.sqrt(Math.PI);
  }

  /** Three work items take turns. */
  @Test
  void rowsAreDrawnByTheirNumbers() {
    int width = 5;
    var rows = new FloatArray(4 * width);
    for (int i = 0; i < rows.getSize(); i++) {
      rows.set(i, i);
    }
    var memory = new FloatArray(2 + 3 * width);
    memory.init(-1);
    IntArray p = IntArray.fromArray(TransferKernels.rowParameters(3 * width, width, 2));
    IntArray numbers = IntArray.fromArray(new int[] {3, 0, 3});
    for (int first = 0; first < 3; first++) {
      TransferKernels.draw(p, memory, rows, numbers, first, 3 * width, 3);
    }
    for (int i = 0; i < memory.getSize(); i++) {
      int expected = i < 2 ? -1 : numbers.get((i - 2) / width) * width + (i - 2) % width;
      assertEquals(expected, memory.get(i));
    }
  }

  @Test
  void sinesOfEverySize() {
    var random = new SplittableRandom(1);
    int size = 4000;
    var m = new FloatArray(2 * size + SineKernels.tableSize());
    float[] table = SineKernels.table();
    for (int i = 0; i < table.length; i++) {
      m.set(2 * size + i, table[i]);
    }
    for (int i = 0; i < size; i++) {
      double sign = i % 2 == 0 ? 1 : -1;
      m.set(i, (float) (sign * Math.exp(random.nextDouble(-20, 88))));
    }
    for (int quarters : new int[] {0, 1}) {
      int[] p = SineKernels.parameters(size, 0, size, quarters, 2 * size);
      SineKernels.sine(IntArray.fromArray(p), m, 0, 1);
      for (int i = 0; i < size; i++) {
        double expected = quarters == 0 ? Math.sin(m.get(i)) : Math.cos(m.get(i));
        double found = m.get(size + i);
        String what = "quarter " + quarters + " of " + m.get(i);
        assertTrue(Math.abs(expected - found) <= 1e-6 * Math.abs(expected) + 1e-10, what);
      }
    }
  }

  // ---- elementwise ----

  @Test
  void mapsAddressTheirOperandsByStrides() {
    for (int op = MapKernels.COPY; op <= MapKernels.MINIMUM; op++) {
      FloatArray m = random(1000, op);
      m.set(998, 3);
      m.set(999, -0.5f);
      int[] sizes = {3, 2, 2, 5};
      int[] p =
          MapKernels.general(
              op,
              sizes,
              7,
              new int[] {0, 10, 5, 1},
              100,
              new int[] {20, 0, 0, 4},
              500,
              new int[] {40, 16, 8, 1},
              998);
      MapKernels.rows(IntArray.fromArray(p), m, 0, 12);
      var elements = random(1000, op);
      elements.set(998, 3);
      elements.set(999, -0.5f);
      for (int item = 0; item < 7; item++) {
        MapKernels.elements(IntArray.fromArray(p), elements, item, 60, 7);
      }
      for (int i = 0; i < 60; i++) {
        int x = i / 20;
        int y = i / 5 % 4;
        int z = i % 5;
        double a = m.get(7 + 5 * y + z);
        double b = m.get(100 + 20 * x + 4 * z);
        int at = 500 + 40 * x + 8 * y + z;
        assertClose(exact(op, a, b), m.get(at), 1e-6, "op " + op);
        assertEquals(m.get(at), elements.get(at), "both forms of op " + op);
      }
    }
  }

  private static double exact(int op, double a, double b) {
    return switch (op) {
      case MapKernels.COPY -> a;
      case MapKernels.NEGATE -> -a;
      case MapKernels.SQUARE -> a * a;
      case MapKernels.SQRT -> Math.sqrt(a);
      case MapKernels.RECIPROCAL -> 1 / a;
      case MapKernels.HEAVISIDE -> (Math.signum(a) + 1) / 2;
      case MapKernels.POSITIVE -> a > 0 ? 1 : 0;
      case MapKernels.AFFINE -> 3 * a - 0.5;
      case MapKernels.ADD -> a + b;
      case MapKernels.SUBTRACT -> a - b;
      case MapKernels.MULTIPLY -> a * b;
      case MapKernels.DIVIDE -> a / b;
      case MapKernels.MAXIMUM -> Math.max(a, b);
      default -> Math.min(a, b);
    };
  }

  @Test
  void flatMapsAgreeWithGeneralOnes() {
    FloatArray m = random(400, 3);
    int[] dense = MapKernels.flat(MapKernels.MULTIPLY, 50, 0, 1, 100, 1, 200, 1, 0);
    MapKernels.flatDense(IntArray.fromArray(dense), m, 0, 50);
    int[] single = MapKernels.flat(MapKernels.MULTIPLY, 50, 0, 1, 100, 0, 300, 1, 0);
    MapKernels.flat(IntArray.fromArray(single), m, 0, 50, 1);
    for (int i = 0; i < 50; i++) {
      assertEquals(m.get(i) * m.get(100 + i), m.get(200 + i));
      assertEquals(m.get(i) * m.get(100), m.get(300 + i));
    }
  }

  // ---- moments ----

  /** Compares with integrals of relu, and its derivatives, times the normal density. */
  @Test
  void momentsAreIntegrals() {
    var m = new FloatArray(7);
    int[] p = MomentKernels.parameters(1, 0, 1, new int[] {2, 3, 4, 5, 6});
    for (double t = -6; t <= 6; t += 0.25) {
      for (double s : new double[] {0.3, 1, 5}) {
        m.set(0, (float) (t * s));
        m.set(1, (float) (s * s));
        MomentKernels.moments64(IntArray.fromArray(p), m, 0, 1, 1);
        double mean = m.get(0);
        double deviation = Math.sqrt(m.get(1));
        double exactT = mean / deviation;
        double density = Math.exp(-exactT * exactT / 2) / Math.sqrt(2 * Math.PI);
        double zero = 0;
        double one = 0;
        int steps = 40000;
        double top = Math.max(0, mean) + 12 * deviation;
        for (int i = 0; i < steps; i++) {
          double z = (i + 0.5) * top / steps;
          double u = (z - mean) / deviation;
          double weight = Math.exp(-u * u / 2) / Math.sqrt(2 * Math.PI) / deviation * top / steps;
          zero += z * weight;
          one += weight;
        }
        double[] expected = {
          zero,
          one,
          density / deviation,
          -exactT * density / deviation / deviation,
          (exactT * exactT - 1) * density / Math.pow(deviation, 3)
        };
        for (int order = 0; order < 5; order++) {
          double found = m.get(2 + order);
          double scale = order == 4 ? Math.max(1, exactT * exactT) * expected[2] / m.get(1) : 0;
          double allowed = 3e-6 * Math.max(Math.abs(expected[order]), scale);
          String what = "G" + order + " at t = " + exactT + ", s = " + deviation;
          assertTrue(
              Math.abs(expected[order] - found) <= allowed,
              () -> what + ": expected near " + allowed + ", found " + found);
        }
      }
    }
  }

  @Test
  void momentsOfAPoint() {
    var m = new FloatArray(7);
    int[] p = MomentKernels.parameters(1, 0, 1, new int[] {2, 3, 4, 5, 6});
    for (float mean : new float[] {-2, 0, 3}) {
      m.set(0, mean);
      MomentKernels.moments64(IntArray.fromArray(p), m, 0, 1, 1);
      assertEquals(Math.max(mean, 0), m.get(2));
      assertEquals(mean > 0 ? 1 : mean < 0 ? 0 : 0.5f, m.get(3));
      assertEquals(0.0, Math.abs(m.get(4)) + Math.abs(m.get(5)) + Math.abs(m.get(6)));
    }
  }

  // ---- products and sums ----

  /** A work group as threads with shared local memory and barriers. */
  private static final class Group extends KernelContext {
    private final CyclicBarrier barrier;
    private final List<float[]> local;
    private int next;

    Group(CyclicBarrier barrier, List<float[]> local) {
      this.barrier = barrier;
      this.local = local;
    }

    @Override
    public float[] allocateFloatLocalArray(int size) {
      synchronized (local) {
        if (next == local.size()) {
          local.add(new float[size]);
        }
        return local.get(next++);
      }
    }

    @Override
    public void localBarrier() {
      try {
        barrier.await();
      } catch (InterruptedException | BrokenBarrierException e) {
        throw new IllegalStateException(e);
      }
    }

    static void run(int size, IntFunction<java.util.function.Consumer<KernelContext>> items) {
      var barrier = new CyclicBarrier(size);
      var local = new ArrayList<float[]>();
      var threads = new ArrayList<Thread>();
      for (int item = 0; item < size; item++) {
        var body = items.apply(item);
        var context = new Group(barrier, local);
        threads.add(Thread.ofVirtual().start(() -> body.accept(context)));
      }
      for (Thread thread : threads) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }

  @Test
  void productsAgreeWithTripleLoops() {
    for (int[] size :
        new int[][] {{1, 1, 1, 1}, {2, 3, 5, 4}, {1, 33, 40, 34}, {1, 5, 0, 3}, {1, 70, 300, 9}}) {
      for (int form = 0; form < 8; form++) {
        product(size[0], size[1], size[2], size[3], (form & 1) > 0, (form & 2) > 0, form > 3);
      }
    }
  }

  private static void product(
      int count, int rows, int inner, int columns, boolean ta, boolean tb, boolean square) {
    int a = 3;
    int b = a + count * rows * inner;
    int out = b + count * inner * columns;
    var first = new ProductKernels.Factor(a, ta ? 1 : inner, ta ? rows : 1, rows * inner);
    var second = new ProductKernels.Factor(b, tb ? 1 : columns, tb ? inner : 1, inner * columns);
    IntArray p =
        IntArray.fromArray(
            ProductKernels.parameters(count, rows, columns, inner, first, second, out, square));
    FloatArray m = random(out + count * rows * columns, 4);
    ProductKernels.blocks(new KernelContext(), p, m);
    FloatArray other = random(out + count * rows * columns, 4);
    Group.run(ProductKernels.GROUP, item -> c -> ProductKernels.tiles(c, p, other, 0, 1, item));
    for (int k = 0; k < count; k++) {
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j++) {
          double sum = 0;
          for (int x = 0; x < inner; x++) {
            double l = m.get(a + k * rows * inner + (ta ? x * rows + i : i * inner + x));
            double r = m.get(b + k * inner * columns + (tb ? j * inner + x : x * columns + j));
            sum += square ? l * l * r * r : l * r;
          }
          int at = out + (k * rows + i) * columns + j;
          String what = rows + " x " + inner + " x " + columns + " at " + i + ", " + j;
          assertClose(sum, m.get(at), 1e-4, "blocks " + what);
          assertClose(sum, other.get(at), 1e-4, "tiles " + what);
        }
      }
    }
  }

  @Test
  void sumsAgreeWithLoops() {
    FloatArray m = random(20000, 5);
    m.set(19999, 0.5f);
    int[] outSizes = {4, 1, 1, 5};
    int[] strides = {150, 50, 5, 1};
    int[] p =
        SumKernels.parameters(outSizes, strides, new int[] {1, 3, 10, 1}, strides, 0, 10000, 19999);
    SumKernels.each(IntArray.fromArray(p), m, 0, 1);
    p[17] = 11000;
    IntArray grouped = IntArray.fromArray(p);
    Group.run(SumKernels.GROUP, item -> c -> SumKernels.groups(c, grouped, m, 0, 1, item));
    for (int o = 0; o < 20; o++) {
      double sum = 0;
      for (int j = 0; j < 30; j++) {
        sum += m.get(o / 5 * 150 + j * 5 + o % 5);
      }
      assertClose(sum / 2, m.get(10000 + o), 1e-6, "sum " + o);
      assertClose(sum / 2, m.get(11000 + o), 1e-6, "sum of a group " + o);
    }
    int[] chunks = SumKernels.chunks(1003, 100, 7, 12000);
    SumKernels.chunks(new KernelContext(), IntArray.fromArray(chunks), m, 0, 1);
    for (int part = 0; part < 11; part++) {
      double sum = 0;
      for (int i = part * 100; i < Math.min(1003, part * 100 + 100); i++) {
        sum += m.get(7 + i);
      }
      assertClose(sum, m.get(12000 + part), 1e-5, "chunk " + part);
    }
  }

  // ---- losses, updates, determinants ----

  @Test
  void lossesAgreeWithTheirDefinitions() {
    int rows = 6;
    int width = 4;
    FloatArray m = random(200, 6);
    IntArray labels = IntArray.fromElements(0, 1, 2, 3, 0, 1);
    IntArray softmax = IntArray.fromArray(LossKernels.parameters(rows, width, 0, 50));
    LossKernels.softmax(softmax, m, 0, 1);
    IntArray loss = IntArray.fromArray(LossKernels.parameters(rows, width, 0, 100));
    LossKernels.crossEntropy(loss, m, labels, 0, 1);
    IntArray gradient = IntArray.fromArray(LossKernels.parameters(rows, width, 0, 120));
    LossKernels.crossEntropyGradient(gradient, m, labels, 0, 1);
    IntArray correct = IntArray.fromArray(LossKernels.parameters(rows, width, 0, 150));
    LossKernels.correct(correct, m, labels, 0, 1);
    for (int row = 0; row < rows; row++) {
      double sum = 0;
      int best = 0;
      for (int j = 0; j < width; j++) {
        sum += Math.exp(m.get(row * width + j));
        best = m.get(row * width + j) > m.get(row * width + best) ? j : best;
      }
      int label = labels.get(row);
      assertClose(Math.log(sum) - m.get(row * width + label), m.get(100 + row), 1e-6, "loss");
      assertEquals(best == label ? 1f : 0f, m.get(150 + row));
      for (int j = 0; j < width; j++) {
        double probability = Math.exp(m.get(row * width + j)) / sum;
        assertClose(probability, m.get(50 + row * width + j), 1e-6, "softmax");
        double slope = (probability - (j == label ? 1 : 0)) / rows;
        assertClose(slope, m.get(120 + row * width + j), 1e-6, "gradient");
      }
    }
  }

  @Test
  void updatesAgreeWithTheirDefinitions() {
    int n = 12;
    FloatArray m = random(400, 7);
    double[] before = new double[400];
    for (int i = 0; i < 400; i++) {
      before[i] = m.get(i);
    }
    int[] euler = UpdateKernels.parameters(n, 4, 0, 20, 40, 50);
    UpdateKernels.euler(IntArray.fromArray(euler), m, 0, n, 1);
    int[] momentum = UpdateKernels.parameters(n, n, 100, 20, 40, 50, 120, 60, 1);
    UpdateKernels.momentum(IntArray.fromArray(momentum), m, 0, n, 1);
    double[] numbers = {0.9, 0.999, 1 - 0.9, 1 - 0.999, Math.log(0.9), Math.log(0.999), 1e-8, 0.01};
    for (int i = 0; i < numbers.length; i++) {
      m.set(300 + i, (float) numbers[i]);
    }
    m.set(61, 2);
    for (int i = 0; i < n; i++) {
      m.set(240 + i, Math.abs(m.get(240 + i)));
    }
    int[] adam = UpdateKernels.parameters(n, n, 200, 20, 40, 50, 220, 240, 61, 300);
    UpdateKernels.adam(IntArray.fromArray(adam), m, 0, n, 1);
    double rate = before[50];
    for (int i = 0; i < n; i++) {
      double g = before[40 + i / 4] * before[20 + i];
      assertClose(before[i] - rate * g, m.get(i), 1e-6, "euler");
      g = before[40] * before[20 + i];
      double u = before[60] * before[120 + i] + g;
      assertClose(u, m.get(120 + i), 1e-6, "velocity");
      double nesterov = before[100 + i] - rate * (g + before[60] * u);
      assertClose(nesterov, m.get(100 + i), 1e-6, "nesterov");
      double first = 0.9 * before[220 + i] + 0.1 * g;
      double second = 0.999 * Math.abs(before[240 + i]) + 0.001 * g * g;
      double root = Math.sqrt(second / (1 - 0.999 * 0.999)) + 1e-8;
      double direction = first / (1 - 0.81) / root + 0.01 * before[200 + i];
      assertClose(before[200 + i] - rate * direction, m.get(200 + i), 1e-5, "adam");
    }
    UpdateKernels.logNormalize(IntArray.fromArray(UpdateKernels.parameters(n, n, 0)), m);
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += Math.exp(m.get(i));
    }
    assertClose(1, sum, 1e-6, "normalised weights");
  }

  @Test
  void determinantsAndInversesUndoTheirMatrices() {
    int size = 5;
    FloatArray m = random(400, 8);
    for (int i = 0; i < size; i++) {
      m.set(i * size + (i + 2) % size, 9);
    }
    int[] p = DeterminantKernels.parameters(1, size, 0, 100, 200);
    DeterminantKernels.inverses(new KernelContext(), IntArray.fromArray(p), m);
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        double sum = 0;
        for (int k = 0; k < size; k++) {
          sum += m.get(i * size + k) * m.get(100 + j * size + k);
        }
        assertClose(i == j ? 1 : 0, sum, 1e-5, "A times its inverse at " + i + ", " + j);
      }
    }
    FloatArray triangular = new FloatArray(100);
    float[] entries = {0, 2, 7, 3e5f, 1, 1, 0, 0, -4};
    for (int i = 0; i < 9; i++) {
      triangular.set(i, entries[i]);
    }
    int[] q = DeterminantKernels.parameters(1, 3, 0, 20, 30);
    DeterminantKernels.logarithms(IntArray.fromArray(q), triangular, 0, 1);
    assertClose(Math.log(24e5), triangular.get(20), 1e-6, "determinant");
    triangular.set(8, 0);
    DeterminantKernels.logarithms(IntArray.fromArray(q), triangular, 0, 1);
    assertEquals(Float.NEGATIVE_INFINITY, triangular.get(20));
  }
}
