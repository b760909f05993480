package io.measureflow.simd.kernels;

import io.measureflow.api.program.Op.BinaryFunction;

/**
 * Elementwise loops, each so simple that the compiler vectorizes it, over elements {@code from}
 * (inclusive) to {@code to} (exclusive) of arrays of one shape.
 */
public final class Elementwise {

  private Elementwise() {}

  public static void negate(float[] a, int from, int to, float[] out) {
    for (int i = from; i < to; i++) {
      out[i] = -a[i];
    }
  }

  public static void positive(float[] a, int from, int to, float[] out) {
    for (int i = from; i < to; i++) {
      out[i] = a[i] > 0 ? 1 : 0;
    }
  }

  public static void square(float[] a, int from, int to, float[] out) {
    for (int i = from; i < to; i++) {
      out[i] = a[i] * a[i];
    }
  }

  public static void sqrt(float[] a, int from, int to, float[] out) {
    for (int i = from; i < to; i++) {
      out[i] = (float) Math.sqrt(a[i]);
    }
  }

  public static void reciprocal(float[] a, int from, int to, float[] out) {
    for (int i = from; i < to; i++) {
      out[i] = 1 / a[i];
    }
  }

  public static void affine(float[] a, float scale, float shift, int from, int to, float[] out) {
    for (int i = from; i < to; i++) {
      out[i] = scale * a[i] + shift;
    }
  }

  /** out = f(a, b); either operand may be {@code out} itself. */
  public static void binary(
      Kernels kernels,
      BinaryFunction function,
      float[] a,
      float[] b,
      int from,
      int to,
      float[] out) {
    switch (function) {
      case ADD -> add(a, b, from, to, out);
      case SUBTRACT -> subtract(a, b, from, to, out);
      case MULTIPLY -> kernels.multiplyElementwise(a, b, from, to - from, out);
      case DIVIDE -> divide(a, b, from, to, out);
      case MAXIMUM -> maximum(a, b, from, to, out);
      case MINIMUM -> minimum(a, b, from, to, out);
    }
  }

  /** out = f(a, b) for one b; a may be {@code out} itself. */
  public static void binary(
      BinaryFunction function, float[] a, float b, int from, int to, float[] out) {
    switch (function) {
      case ADD -> add(a, b, from, to, out);
      case SUBTRACT -> subtract(a, b, from, to, out);
      case MULTIPLY -> multiply(a, b, from, to, out);
      case DIVIDE -> divide(a, b, from, to, out);
      case MAXIMUM -> maximum(a, b, from, to, out);
      case MINIMUM -> minimum(a, b, from, to, out);
    }
  }

  /** out = f(a, b) for one a; b may be {@code out} itself. */
  public static void binary(
      BinaryFunction function, float a, float[] b, int from, int to, float[] out) {
    switch (function) {
      case ADD -> add(b, a, from, to, out);
      case SUBTRACT -> subtract(a, b, from, to, out);
      case MULTIPLY -> multiply(b, a, from, to, out);
      case DIVIDE -> divide(a, b, from, to, out);
      case MAXIMUM -> maximum(b, a, from, to, out);
      case MINIMUM -> minimum(b, a, from, to, out);
    }
  }

  private static void add(float[] a, float[] b, int from, int to, float[] out) {
    for (int i = from; i < to; i++) {
      out[i] = a[i] + b[i];
    }
  }

  private static void add(float[] a, float b, int from, int to, float[] out) {
    for (int i = from; i < to; i++) {
      out[i] = a[i] + b;
    }
  }

  private static void subtract(float[] a, float[] b, int from, int to, float[] out) {
    for (int i = from; i < to; i++) {
      out[i] = a[i] - b[i];
    }
  }

  private static void subtract(float[] a, float b, int from, int to, float[] out) {
    for (int i = from; i < to; i++) {
      out[i] = a[i] - b;
    }
  }

  private static void subtract(float a, float[] b, int from, int to, float[] out) {
    for (int i = from; i < to; i++) {
      out[i] = a - b[i];
    }
  }

  private static void multiply(float[] a, float b, int from, int to, float[] out) {
    for (int i = from; i < to; i++) {
      out[i] = a[i] * b;
    }
  }

  private static void divide(float[] a, float[] b, int from, int to, float[] out) {
    for (int i = from; i < to; i++) {
      out[i] = a[i] / b[i];
    }
  }

  private static void divide(float[] a, float b, int from, int to, float[] out) {
    for (int i = from; i < to; i++) {
      out[i] = a[i] / b;
    }
  }

  private static void divide(float a, float[] b, int from, int to, float[] out) {
    for (int i = from; i < to; i++) {
      out[i] = a / b[i];
    }
  }

  private static void maximum(float[] a, float[] b, int from, int to, float[] out) {
    for (int i = from; i < to; i++) {
      out[i] = Math.max(a[i], b[i]);
    }
  }

  private static void maximum(float[] a, float b, int from, int to, float[] out) {
    for (int i = from; i < to; i++) {
      out[i] = Math.max(a[i], b);
    }
  }

  private static void minimum(float[] a, float[] b, int from, int to, float[] out) {
    for (int i = from; i < to; i++) {
      out[i] = Math.min(a[i], b[i]);
    }
  }

  private static void minimum(float[] a, float b, int from, int to, float[] out) {
    for (int i = from; i < to; i++) {
      out[i] = Math.min(a[i], b);
    }
  }
}
