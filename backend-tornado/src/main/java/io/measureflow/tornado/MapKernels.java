package io.measureflow.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Elementwise operations, broadcasts, permutations and copies: out[i] = f(a[..], b[..]), with each
 * operand addressed by an offset and strides.
 *
 * <p>Each loop has two forms. On a processor a work item takes a block of consecutive elements, so
 * that the device's compiler can use vector instructions; on an accelerator neighbouring work items
 * take neighbouring elements, so that their accesses coalesce.
 */
final class MapKernels {

  static final int COPY = 0;
  static final int NEGATE = 1;
  static final int SQUARE = 2;
  static final int SQRT = 3;
  static final int RECIPROCAL = 4;
  static final int HEAVISIDE = 5;

  /** a times the number at {@code constants} plus the one behind it. */
  static final int AFFINE = 6;

  static final int ADD = 7;
  static final int SUBTRACT = 8;
  static final int MULTIPLY = 9;
  static final int DIVIDE = 10;
  static final int MAXIMUM = 11;
  static final int MINIMUM = 12;

  private MapKernels() {}

  private static float apply(int op, float a, float b, float scale, float shift) {
    if (op < AFFINE) {
      if (op < SQRT) {
        return op == COPY ? a : op == NEGATE ? -a : a * a;
      }
      return op == SQRT ? TornadoMath.sqrt(a) : op == RECIPROCAL ? 1 / a : Functions.heaviside(a);
    }
    if (op < MULTIPLY) {
      return op == AFFINE ? scale * a + shift : op == ADD ? a + b : a - b;
    }
    if (op < MAXIMUM) {
      return op == MULTIPLY ? a * b : a / b;
    }
    if (Float.isNaN(a)) {
      return a;
    }
    if (Float.isNaN(b)) {
      return b;
    }
    return op == MAXIMUM ? (a > b ? a : b) : (a < b ? a : b);
  }

  // ---- one dimension: every operand a single number or contiguous elements ----

  /** Returns the parameters of the flat form: n elements; strides are 0 or more. */
  static int[] flat(
      int op,
      int n,
      int a,
      int aStride,
      int b,
      int bStride,
      int out,
      int outStride,
      int constants) {
    return new int[] {op, n, a, aStride, b, bStride, out, outStride, constants};
  }

  /** The flat form, by blocks. */
  static void flatBlocks(KernelContext c, IntArray p, FloatArray m) {
    int n = p.get(1);
    int chunk = (n + c.globalGroupSizeX - 1) / c.globalGroupSizeX;
    int from = c.globalIdx * chunk;
    int to = from + chunk < n ? from + chunk : n;
    if (p.get(3) == 1 && p.get(5) == 1 && p.get(7) == 1) {
      flatDense(p, m, from, to);
    } else {
      flat(p, m, from, to, 1);
    }
  }

  /** The flat form, by strides. */
  static void flatStrided(KernelContext c, IntArray p, FloatArray m) {
    flat(p, m, c.globalIdx, p.get(1), c.globalGroupSizeX);
  }

  static void flatDense(IntArray p, FloatArray m, int first, int end) {
    int op = p.get(0);
    int a = p.get(2);
    int b = p.get(4);
    int out = p.get(6);
    float scale = m.get(p.get(8));
    float shift = m.get(p.get(8) + 1);
    for (int i = first; i < end; i++) {
      m.set(out + i, apply(op, m.get(a + i), m.get(b + i), scale, shift));
    }
  }

  static void flat(IntArray p, FloatArray m, int first, int end, int step) {
    int op = p.get(0);
    int a = p.get(2);
    int aStride = p.get(3);
    int b = p.get(4);
    int bStride = p.get(5);
    int out = p.get(6);
    int outStride = p.get(7);
    float scale = m.get(p.get(8));
    float shift = m.get(p.get(8) + 1);
    for (int i = first; i < end; i += step) {
      float value = apply(op, m.get(a + i * aStride), m.get(b + i * bStride), scale, shift);
      m.set(out + i * outStride, value);
    }
  }

  // ---- three dimensions ----

  /**
   * Returns the parameters of the general form.
   *
   * @param sizes the three dimensions of the result
   * @param aStrides the strides along each dimension
   */
  static int[] general(
      int op,
      int[] sizes,
      int a,
      int[] aStrides,
      int b,
      int[] bStrides,
      int out,
      int[] outStrides,
      int constants) {
    return new int[] {
      op,
      sizes[0] * sizes[1],
      sizes[1],
      sizes[2],
      a,
      aStrides[0],
      aStrides[1],
      aStrides[2],
      b,
      bStrides[0],
      bStrides[1],
      bStrides[2],
      out,
      outStrides[0],
      outStrides[1],
      outStrides[2],
      constants
    };
  }

  /** The general form, by blocks of rows along the last dimension. */
  static void rowBlocks(KernelContext c, IntArray p, FloatArray m) {
    int n = p.get(1);
    int chunk = (n + c.globalGroupSizeX - 1) / c.globalGroupSizeX;
    int from = c.globalIdx * chunk;
    rows(p, m, from, from + chunk < n ? from + chunk : n);
  }

  static void rows(IntArray p, FloatArray m, int first, int end) {
    int op = p.get(0);
    int width = p.get(3);
    int aStride = p.get(7);
    int bStride = p.get(11);
    int outStride = p.get(15);
    float scale = m.get(p.get(16));
    float shift = m.get(p.get(16) + 1);
    for (int row = first; row < end; row++) {
      int outer = row / p.get(2);
      int middle = row - outer * p.get(2);
      int a = p.get(4) + outer * p.get(5) + middle * p.get(6);
      int b = p.get(8) + outer * p.get(9) + middle * p.get(10);
      int out = p.get(12) + outer * p.get(13) + middle * p.get(14);
      for (int j = 0; j < width; j++) {
        float value = apply(op, m.get(a + j * aStride), m.get(b + j * bStride), scale, shift);
        m.set(out + j * outStride, value);
      }
    }
  }

  /** The general form, element by element. */
  static void elementsStrided(KernelContext c, IntArray p, FloatArray m) {
    elements(p, m, c.globalIdx, p.get(1) * p.get(3), c.globalGroupSizeX);
  }

  static void elements(IntArray p, FloatArray m, int first, int end, int step) {
    int op = p.get(0);
    int width = p.get(3);
    float scale = m.get(p.get(16));
    float shift = m.get(p.get(16) + 1);
    for (int i = first; i < end; i += step) {
      int row = i / width;
      int j = i - row * width;
      int outer = row / p.get(2);
      int middle = row - outer * p.get(2);
      int a = p.get(4) + outer * p.get(5) + middle * p.get(6) + j * p.get(7);
      int b = p.get(8) + outer * p.get(9) + middle * p.get(10) + j * p.get(11);
      int out = p.get(12) + outer * p.get(13) + middle * p.get(14) + j * p.get(15);
      m.set(out, apply(op, m.get(a), m.get(b), scale, shift));
    }
  }

  // ---- functions of one operand ----

  /** Returns the parameters of a function of {@link Functions} of n consecutive elements. */
  static int[] function(int function, int n, int a, int out) {
    return new int[] {function, n, a, out};
  }

  /** A function, by blocks. */
  static void functionBlocks(KernelContext c, IntArray p, FloatArray m) {
    int n = p.get(1);
    int chunk = (n + c.globalGroupSizeX - 1) / c.globalGroupSizeX;
    int from = c.globalIdx * chunk;
    function(p, m, from, from + chunk < n ? from + chunk : n, 1);
  }

  /** A function, by strides. */
  static void functionStrided(KernelContext c, IntArray p, FloatArray m) {
    function(p, m, c.globalIdx, p.get(1), c.globalGroupSizeX);
  }

  static void function(IntArray p, FloatArray m, int first, int end, int step) {
    int function = p.get(0);
    int a = p.get(2);
    int out = p.get(3);
    for (int i = first; i < end; i += step) {
      m.set(out + i, Functions.apply(function, m.get(a + i)));
    }
  }
}
