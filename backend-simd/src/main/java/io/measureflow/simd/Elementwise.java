package io.measureflow.simd;

import io.measureflow.api.program.Op.BinaryFunction;
import java.util.Arrays;

/**
 * Elementwise loops, each so plain that the compiler vectorises it, over elements {@code from}
 * (inclusive) to {@code to} (exclusive) of arrays of one shape.
 */
final class Elementwise {

  private Elementwise() {}

  static void negate(float[] a, int from, int to, float[] out) {
    for (int i = from; i < to; i++) {
      out[i] = -a[i];
    }
  }

  static void square(float[] a, int from, int to, float[] out) {
    for (int i = from; i < to; i++) {
      out[i] = a[i] * a[i];
    }
  }

  static void sqrt(float[] a, int from, int to, float[] out) {
    for (int i = from; i < to; i++) {
      out[i] = (float) Math.sqrt(a[i]);
    }
  }

  static void log(float[] a, int from, int to, float[] out) {
    for (int i = from; i < to; i++) {
      out[i] = (float) Math.log(a[i]);
    }
  }

  static void reciprocal(float[] a, int from, int to, float[] out) {
    for (int i = from; i < to; i++) {
      out[i] = 1 / a[i];
    }
  }

  static void affine(float[] a, float scale, float shift, int from, int to, float[] out) {
    for (int i = from; i < to; i++) {
      out[i] = scale * a[i] + shift;
    }
  }

  static void relu(float[] a, int from, int to, float[] out) {
    for (int i = from; i < to; i++) {
      out[i] = Math.max(a[i], 0);
    }
  }

  /**
   * out = f(a, b) over runs of {@code count} elements that start at the offsets; an operand that
   * does not vary is its first element throughout.
   */
  static void binary(
      BinaryFunction function,
      float[] a,
      int aOffset,
      boolean aVaries,
      float[] b,
      int bOffset,
      boolean bVaries,
      float[] out,
      int outOffset,
      int count) {
    if (aVaries && bVaries) {
      switch (function) {
        case ADD -> add(a, aOffset, b, bOffset, out, outOffset, count);
        case SUBTRACT -> subtract(a, aOffset, b, bOffset, out, outOffset, count);
        case MULTIPLY -> multiply(a, aOffset, b, bOffset, out, outOffset, count);
        case DIVIDE -> divide(a, aOffset, b, bOffset, out, outOffset, count);
      }
    } else if (aVaries) {
      switch (function) {
        case ADD -> add(a, aOffset, b[bOffset], out, outOffset, count);
        case SUBTRACT -> add(a, aOffset, -b[bOffset], out, outOffset, count);
        case MULTIPLY -> multiply(a, aOffset, b[bOffset], out, outOffset, count);
        case DIVIDE -> divide(a, aOffset, b[bOffset], out, outOffset, count);
      }
    } else if (bVaries) {
      switch (function) {
        case ADD -> add(b, bOffset, a[aOffset], out, outOffset, count);
        case SUBTRACT -> subtractFrom(a[aOffset], b, bOffset, out, outOffset, count);
        case MULTIPLY -> multiply(b, bOffset, a[aOffset], out, outOffset, count);
        case DIVIDE -> divideInto(a[aOffset], b, bOffset, out, outOffset, count);
      }
    } else {
      float result =
          switch (function) {
            case ADD -> a[aOffset] + b[bOffset];
            case SUBTRACT -> a[aOffset] - b[bOffset];
            case MULTIPLY -> a[aOffset] * b[bOffset];
            case DIVIDE -> a[aOffset] / b[bOffset];
          };
      Arrays.fill(out, outOffset, outOffset + count, result);
    }
  }

  private static void add(
      float[] a, int aOffset, float[] b, int bOffset, float[] out, int outOffset, int count) {
    for (int i = 0; i < count; i++) {
      out[outOffset + i] = a[aOffset + i] + b[bOffset + i];
    }
  }

  private static void add(float[] a, int aOffset, float b, float[] out, int outOffset, int count) {
    for (int i = 0; i < count; i++) {
      out[outOffset + i] = a[aOffset + i] + b;
    }
  }

  private static void subtract(
      float[] a, int aOffset, float[] b, int bOffset, float[] out, int outOffset, int count) {
    for (int i = 0; i < count; i++) {
      out[outOffset + i] = a[aOffset + i] - b[bOffset + i];
    }
  }

  private static void subtractFrom(
      float a, float[] b, int bOffset, float[] out, int outOffset, int count) {
    for (int i = 0; i < count; i++) {
      out[outOffset + i] = a - b[bOffset + i];
    }
  }

  private static void multiply(
      float[] a, int aOffset, float[] b, int bOffset, float[] out, int outOffset, int count) {
    for (int i = 0; i < count; i++) {
      out[outOffset + i] = a[aOffset + i] * b[bOffset + i];
    }
  }

  private static void multiply(
      float[] a, int aOffset, float b, float[] out, int outOffset, int count) {
    for (int i = 0; i < count; i++) {
      out[outOffset + i] = a[aOffset + i] * b;
    }
  }

  private static void divide(
      float[] a, int aOffset, float[] b, int bOffset, float[] out, int outOffset, int count) {
    for (int i = 0; i < count; i++) {
      out[outOffset + i] = a[aOffset + i] / b[bOffset + i];
    }
  }

  private static void divide(
      float[] a, int aOffset, float b, float[] out, int outOffset, int count) {
    for (int i = 0; i < count; i++) {
      out[outOffset + i] = a[aOffset + i] / b;
    }
  }

  private static void divideInto(
      float a, float[] b, int bOffset, float[] out, int outOffset, int count) {
    for (int i = 0; i < count; i++) {
      out[outOffset + i] = a / b[bOffset + i];
    }
  }

  /** out_i += a_i over runs of {@code count} elements. */
  static void accumulate(float[] a, int aOffset, float[] out, int outOffset, int count) {
    for (int i = 0; i < count; i++) {
      out[outOffset + i] += a[aOffset + i];
    }
  }
}
