package io.measureflow.nd4j;

import io.measureflow.api.program.Op;
import org.apache.commons.numbers.gamma.Erf;

/** Loops over host memory, each number rounded once from double precision. */
final class Elementwise {

  private Elementwise() {}

  static void unary(Op.UnaryFunction f, Memory a, Memory out, int from, int to) {
    switch (f) {
      case NEGATE -> affine(a, -1, -0.0, out, from, to);
      case SQUARE -> {
        for (int i = from; i < to; i++) {
          double x = a.get(i);
          out.set(i, x * x);
        }
      }
      case SQRT -> {
        for (int i = from; i < to; i++) {
          out.set(i, Math.sqrt(a.get(i)));
        }
      }
      case RECIPROCAL -> {
        for (int i = from; i < to; i++) {
          out.set(i, 1 / a.get(i));
        }
      }
      case EXP -> {
        for (int i = from; i < to; i++) {
          out.set(i, Math.exp(a.get(i)));
        }
      }
      case LOG -> {
        for (int i = from; i < to; i++) {
          out.set(i, Math.log(a.get(i)));
        }
      }
      case LOG1P -> {
        for (int i = from; i < to; i++) {
          out.set(i, Math.log1p(a.get(i)));
        }
      }
      case HEAVISIDE -> {
        for (int i = from; i < to; i++) {
          out.set(i, Moments.heaviside(a.get(i)));
        }
      }
      case POSITIVE -> {
        for (int i = from; i < to; i++) {
          out.set(i, a.get(i) > 0 ? 1 : 0);
        }
      }
      case ERF -> {
        for (int i = from; i < to; i++) {
          out.set(i, Erf.value(a.get(i)));
        }
      }
      case SIN -> {
        for (int i = from; i < to; i++) {
          out.set(i, Math.sin(a.get(i)));
        }
      }
      case COS -> {
        for (int i = from; i < to; i++) {
          out.set(i, Math.cos(a.get(i)));
        }
      }
    }
  }

  /** out = a where the condition is above 0, else b. */
  static void select(Memory condition, Memory a, Memory b, Memory out, int from, int to) {
    for (int i = from; i < to; i++) {
      out.set(i, condition.get(i) > 0 ? a.get(i) : b.get(i));
    }
  }

  /** out = scale a + shift. */
  static void affine(Memory a, double scale, double shift, Memory out, int from, int to) {
    for (int i = from; i < to; i++) {
      out.set(i, scale * a.get(i) + shift);
    }
  }

  /** Computes elements {@code from} to {@code to} of operands with stride one or zero. */
  static void binary(
      Op.BinaryFunction f,
      Memory a,
      int aFrom,
      int aStride,
      Memory b,
      int bFrom,
      int bStride,
      Memory out,
      int from,
      int count) {
    switch (f) {
      case ADD -> {
        for (int i = 0; i < count; i++) {
          out.set(from + i, a.get(aFrom + i * aStride) + b.get(bFrom + i * bStride));
        }
      }
      case SUBTRACT -> {
        for (int i = 0; i < count; i++) {
          out.set(from + i, a.get(aFrom + i * aStride) - b.get(bFrom + i * bStride));
        }
      }
      case MULTIPLY -> {
        for (int i = 0; i < count; i++) {
          out.set(from + i, a.get(aFrom + i * aStride) * b.get(bFrom + i * bStride));
        }
      }
      case DIVIDE -> {
        for (int i = 0; i < count; i++) {
          out.set(from + i, a.get(aFrom + i * aStride) / b.get(bFrom + i * bStride));
        }
      }
      case MAXIMUM -> {
        for (int i = 0; i < count; i++) {
          out.set(from + i, Math.max(a.get(aFrom + i * aStride), b.get(bFrom + i * bStride)));
        }
      }
      case MINIMUM -> {
        for (int i = 0; i < count; i++) {
          out.set(from + i, Math.min(a.get(aFrom + i * aStride), b.get(bFrom + i * bStride)));
        }
      }
    }
  }
}
