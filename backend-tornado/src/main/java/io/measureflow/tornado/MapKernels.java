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

  /** 1 for a above 0, 0 elsewhere. */
  static final int POSITIVE = 6;

  /** a times the number at {@code constants} plus the one behind it. */
  static final int AFFINE = 7;

  static final int ADD = 8;
  static final int SUBTRACT = 9;
  static final int MULTIPLY = 10;
  static final int DIVIDE = 11;
  static final int MAXIMUM = 12;
  static final int MINIMUM = 13;

  private MapKernels() {}

  private static float apply(int op, float a, float b, float scale, float shift) {
    if (op < AFFINE) {
      if (op < SQRT) {
        return op == COPY ? a : op == NEGATE ? -a : a * a;
      }
      if (op < HEAVISIDE) {
        return op == SQRT ? TornadoMath.sqrt(a) : 1 / a;
      }
      return op == HEAVISIDE ? Functions.heaviside(a) : a > 0 ? 1 : 0;
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

  // ---- four dimensions ----

  /**
   * Returns the parameters of the general form.
   *
   * @param sizes the four dimensions of the result
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
      sizes[0] * sizes[1] * sizes[2],
      sizes[1],
      sizes[2],
      sizes[3],
      a,
      aStrides[0],
      aStrides[1],
      aStrides[2],
      aStrides[3],
      b,
      bStrides[0],
      bStrides[1],
      bStrides[2],
      bStrides[3],
      out,
      outStrides[0],
      outStrides[1],
      outStrides[2],
      outStrides[3],
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

  /** Returns where an operand's elements of a row begin, whose offset is parameter {@code at}. */
  private static int start(IntArray p, int row, int at) {
    int next = row / p.get(3);
    int outer = next / p.get(2);
    return p.get(at)
        + outer * p.get(at + 1)
        + (next - outer * p.get(2)) * p.get(at + 2)
        + (row - next * p.get(3)) * p.get(at + 3);
  }

  static void rows(IntArray p, FloatArray m, int first, int end) {
    int op = p.get(0);
    int width = p.get(4);
    int aStride = p.get(9);
    int bStride = p.get(14);
    int outStride = p.get(19);
    float scale = m.get(p.get(20));
    float shift = m.get(p.get(20) + 1);
    for (int row = first; row < end; row++) {
      int a = start(p, row, 5);
      int b = start(p, row, 10);
      int out = start(p, row, 15);
      for (int j = 0; j < width; j++) {
        float value = apply(op, m.get(a + j * aStride), m.get(b + j * bStride), scale, shift);
        m.set(out + j * outStride, value);
      }
    }
  }

  /** The general form, element by element. */
  static void elementsStrided(KernelContext c, IntArray p, FloatArray m) {
    elements(p, m, c.globalIdx, p.get(1) * p.get(4), c.globalGroupSizeX);
  }

  static void elements(IntArray p, FloatArray m, int first, int end, int step) {
    int op = p.get(0);
    int width = p.get(4);
    float scale = m.get(p.get(20));
    float shift = m.get(p.get(20) + 1);
    for (int i = first; i < end; i += step) {
      int row = i / width;
      int j = i - row * width;
      int a = start(p, row, 5) + j * p.get(9);
      int b = start(p, row, 10) + j * p.get(14);
      int out = start(p, row, 15) + j * p.get(19);
      m.set(out, apply(op, m.get(a), m.get(b), scale, shift));
    }
  }

  // ---- selections ----

  /** Returns the parameters of a selection of n consecutive elements. */
  static int[] select(int n, int condition, int a, int b, int out) {
    return new int[] {n, condition, a, b, out};
  }

  /** out = a where the condition is above 0, else b, by blocks. */
  static void selectBlocks(KernelContext c, IntArray p, FloatArray m) {
    int n = p.get(0);
    int chunk = (n + c.globalGroupSizeX - 1) / c.globalGroupSizeX;
    int from = c.globalIdx * chunk;
    select(p, m, from, from + chunk < n ? from + chunk : n, 1);
  }

  /** out = a where the condition is above 0, else b, by strides. */
  static void selectStrided(KernelContext c, IntArray p, FloatArray m) {
    select(p, m, c.globalIdx, p.get(0), c.globalGroupSizeX);
  }

  static void select(IntArray p, FloatArray m, int first, int end, int step) {
    for (int i = first; i < end; i += step) {
      float condition = m.get(p.get(1) + i);
      // A comparison with NaN may come out the other way on a device.
      if (Float.isNaN(condition)) {
        condition = 0;
      }
      m.set(p.get(4) + i, condition > 0 ? m.get(p.get(2) + i) : m.get(p.get(3) + i));
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
