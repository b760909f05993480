package io.measureflow.simd.kernels;

import io.measureflow.simd.image.ImageKernels;
import io.measureflow.simd.product.ProductKernels;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** Kernels in explicit vectors of the width that the processor prefers, up to 512 bits. */
public final class VectorKernels implements Kernels {

  public static final int MAX_LANES = 16;

  public static final VectorSpecies<Float> SPECIES =
      FloatVector.SPECIES_PREFERRED.length() <= MAX_LANES
          ? FloatVector.SPECIES_PREFERRED
          : FloatVector.SPECIES_512;

  private static final int LANES = SPECIES.length();

  public static final VectorShuffle<Float> ROTATE_1 = rotation(1);
  public static final VectorShuffle<Float> ROTATE_2 = rotation(2);
  public static final VectorShuffle<Float> ROTATE_4 = rotation(4);
  public static final VectorShuffle<Float> ROTATE_8 = rotation(8);

  // exp(x) = 2^n exp(r), n = round(x / ln 2), r = x - n ln 2 with ln 2 in two parts (Cody and Waite
  // 1980); exp(r) = 1 + r + r^2 p(r) with p minimax on |r| <= ln(2)/2 (Lawson's iteration), which
  // leaves a relative error of 3e-9 in exp(r).
  static final FloatVector LOG2_E = broadcast(1.442695f);
  static final FloatVector MINUS_LN2_HIGH = broadcast(-0x1.63p-1f);
  static final FloatVector MINUS_LN2_LOW = broadcast(2.1219444e-4f);
  static final FloatVector E0 = broadcast(0.49999994f);
  static final FloatVector E1 = broadcast(0.16666521f);
  static final FloatVector E2 = broadcast(0.04166839f);
  static final FloatVector E3 = broadcast(0.008368717f);
  static final FloatVector E4 = broadcast(0.0013814599f);

  /** Adding it to a float of moderate size leaves the nearest integer in the lowest bits. */
  static final FloatVector ROUNDING = broadcast(0x1.8p23f);

  static final int ROUNDING_BITS = Float.floatToRawIntBits(ROUNDING.lane(0));

  /** Above it exp is infinite. */
  private static final float EXP_MAX = 89;

  /**
   * Below it exp is not a normal number and counts as 0: subnormal numbers cost a hundred times
   * more.
   */
  private static final float EXP_MIN = -87.336f;

  private static final FloatVector ZERO = broadcast(0);
  private static final FloatVector HALF = broadcast(0.5f);
  static final int EXPONENT_BIAS = 127;
  static final int MANTISSA_BITS = 23;
  private static final int EXPONENT_MASK = 0x7f800000;

  /** The minimum sum of the biased exponents of two factors without a subnormal product. */
  private static final int LEAST_EXPONENTS = (EXPONENT_BIAS + 1) << MANTISSA_BITS;

  private static VectorShuffle<Float> rotation(int distance) {
    return VectorShuffle.fromOp(SPECIES, lane -> (lane + distance) & (LANES - 1));
  }

  @Override
  public ProductKernels products() {
    return ProductKernels.vector();
  }

  @Override
  public ImageKernels images() {
    return ImageKernels.vector();
  }

  @Override
  public String description() {
    return "Java Vector API, " + SPECIES.vectorBitSize() + " bits";
  }

  @Override
  public void dotRows(
      float[] x,
      int xOffset,
      int inner,
      float[] b,
      int bOffset,
      int rows,
      boolean squared,
      float[] out,
      int outOffset) {
    if (squared) {
      VectorDots.dotSquaredRows(x, xOffset, inner, b, bOffset, rows, out, outOffset);
    } else {
      VectorDots.dotRows(x, xOffset, inner, b, bOffset, rows, out, outOffset);
    }
  }

  @Override
  public void combineRows(
      float[] x,
      int xOffset,
      int inner,
      float[] b,
      int bOffset,
      int stride,
      int columns,
      float[] out,
      int outOffset) {
    VectorDots.combineRows(x, xOffset, inner, b, bOffset, stride, columns, out, outOffset);
  }

  @Override
  public void repeatEach(float[] source, int from, int count, int times, float[] target, int to) {
    int end = to + count * times;
    for (int i = 0; i < count; i++) {
      int start = to + i * times;
      FloatVector value = broadcast(source[from + i]);
      // Whole vectors even where a run ends within one: the next run overwrites the rest.
      int at = start;
      for (; at < start + times && at <= end - LANES; at += LANES) {
        value.intoArray(target, at);
      }
      for (; at < start + times; at++) {
        target[at] = source[from + i];
      }
    }
  }

  @Override
  public void multiplyByAffine(
      float[] a, int aOffset, float[] x, int xOffset, int count, float scale, float shift) {
    FloatVector scales = broadcast(scale);
    FloatVector shifts = broadcast(shift);
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      FloatVector factor = FloatVector.fromArray(SPECIES, x, xOffset + i).mul(scales).add(shifts);
      FloatVector.fromArray(SPECIES, a, aOffset + i).mul(factor).intoArray(a, aOffset + i);
    }
    for (; i < count; i++) {
      a[aOffset + i] *= scale * x[xOffset + i] + shift;
    }
  }

  @Override
  public void descend(float[] theta, int offset, float[] g, int gOffset, int count, float step) {
    FloatVector steps = broadcast(step);
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      FloatVector change = FloatVector.fromArray(SPECIES, g, gOffset + i).mul(steps);
      FloatVector.fromArray(SPECIES, theta, offset + i).sub(change).intoArray(theta, offset + i);
    }
    for (; i < count; i++) {
      theta[offset + i] -= step * g[gOffset + i];
    }
  }

  @Override
  public void multiplyElementwise(float[] a, float[] b, int offset, int count, float[] out) {
    int end = offset + count;
    int i = offset;
    for (; i <= end - LANES; i += LANES) {
      FloatVector x = FloatVector.fromArray(SPECIES, a, i);
      FloatVector y = FloatVector.fromArray(SPECIES, b, i);
      IntVector exponents =
          x.reinterpretAsInts().and(EXPONENT_MASK).add(y.reinterpretAsInts().and(EXPONENT_MASK));
      VectorMask<Float> vanishes =
          exponents.compare(VectorOperators.ULT, LEAST_EXPONENTS).cast(SPECIES);
      x.blend(ZERO, vanishes).mul(y).intoArray(out, i);
    }
    for (; i < end; i++) {
      int exponents =
          (Float.floatToRawIntBits(a[i]) & EXPONENT_MASK)
              + (Float.floatToRawIntBits(b[i]) & EXPONENT_MASK);
      boolean vanishes = Integer.compareUnsigned(exponents, LEAST_EXPONENTS) < 0;
      out[i] = (vanishes ? 0 : a[i]) * b[i];
    }
  }

  @Override
  public void flush(float[] a, int offset, int count, float least) {
    int leastBits = Float.floatToRawIntBits(least);
    int end = offset + count;
    int i = offset;
    for (; i <= end - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, a, i);
      // Compares the bits of the exponent, as a comparison of subnormal numbers may also be slow.
      VectorMask<Float> vanishes =
          v.reinterpretAsInts()
              .and(EXPONENT_MASK)
              .compare(VectorOperators.LT, leastBits)
              .cast(SPECIES);
      v.blend(ZERO, vanishes).intoArray(a, i);
    }
    for (; i < end; i++) {
      a[i] = Math.abs(a[i]) < least ? 0 : a[i];
    }
  }

  @Override
  public float sum(float[] a, int offset, int count) {
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int end = offset + count;
    int i = offset;
    for (; i <= end - 4 * LANES; i += 4 * LANES) {
      s0 = s0.add(FloatVector.fromArray(SPECIES, a, i));
      s1 = s1.add(FloatVector.fromArray(SPECIES, a, i + LANES));
      s2 = s2.add(FloatVector.fromArray(SPECIES, a, i + 2 * LANES));
      s3 = s3.add(FloatVector.fromArray(SPECIES, a, i + 3 * LANES));
    }
    for (; i <= end - LANES; i += LANES) {
      s0 = s0.add(FloatVector.fromArray(SPECIES, a, i));
    }
    float sum = sumOfLanes(s0.add(s1).add(s2.add(s3)));
    for (; i < end; i++) {
      sum += a[i];
    }
    return sum;
  }

  @Override
  public float sumOfProducts(float[] a, float[] b, int offset, int count) {
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = s0;
    int end = offset + count;
    int i = offset;
    for (; i <= end - 2 * LANES; i += 2 * LANES) {
      s0 = FloatVector.fromArray(SPECIES, a, i).fma(FloatVector.fromArray(SPECIES, b, i), s0);
      s1 =
          FloatVector.fromArray(SPECIES, a, i + LANES)
              .fma(FloatVector.fromArray(SPECIES, b, i + LANES), s1);
    }
    float sum = sumOfLanes(s0.add(s1));
    for (; i < end; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  @Override
  public void sumRows(
      float[] a,
      int offset,
      int stride,
      int rows,
      float[] out,
      int outOffset,
      int count,
      boolean accumulate) {
    int j = 0;
    for (; j <= count - 4 * LANES; j += 4 * LANES) {
      FloatVector s0 = FloatVector.zero(SPECIES);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      int from = offset + j;
      for (int row = 0; row < rows; row++) {
        s0 = s0.add(FloatVector.fromArray(SPECIES, a, from));
        s1 = s1.add(FloatVector.fromArray(SPECIES, a, from + LANES));
        s2 = s2.add(FloatVector.fromArray(SPECIES, a, from + 2 * LANES));
        s3 = s3.add(FloatVector.fromArray(SPECIES, a, from + 3 * LANES));
        from += stride;
      }
      int to = outOffset + j;
      if (accumulate) {
        s0 = s0.add(FloatVector.fromArray(SPECIES, out, to));
        s1 = s1.add(FloatVector.fromArray(SPECIES, out, to + LANES));
        s2 = s2.add(FloatVector.fromArray(SPECIES, out, to + 2 * LANES));
        s3 = s3.add(FloatVector.fromArray(SPECIES, out, to + 3 * LANES));
      }
      s0.intoArray(out, to);
      s1.intoArray(out, to + LANES);
      s2.intoArray(out, to + 2 * LANES);
      s3.intoArray(out, to + 3 * LANES);
    }
    for (; j <= count - LANES; j += LANES) {
      FloatVector s0 = FloatVector.zero(SPECIES);
      int from = offset + j;
      for (int row = 0; row < rows; row++) {
        s0 = s0.add(FloatVector.fromArray(SPECIES, a, from));
        from += stride;
      }
      if (accumulate) {
        s0 = s0.add(FloatVector.fromArray(SPECIES, out, outOffset + j));
      }
      s0.intoArray(out, outOffset + j);
    }
    for (; j < count; j++) {
      float sum = 0;
      int from = offset + j;
      for (int row = 0; row < rows; row++) {
        sum += a[from];
        from += stride;
      }
      out[outOffset + j] = accumulate ? out[outOffset + j] + sum : sum;
    }
  }

  @Override
  public float squaredDistance(float[] a, float[] b, int offset, int count) {
    FloatVector s0 = FloatVector.zero(SPECIES);
    int end = offset + count;
    int i = offset;
    for (; i <= end - LANES; i += LANES) {
      FloatVector difference =
          FloatVector.fromArray(SPECIES, a, i).sub(FloatVector.fromArray(SPECIES, b, i));
      s0 = difference.fma(difference, s0);
    }
    float sum = sumOfLanes(s0);
    for (; i < end; i++) {
      float difference = a[i] - b[i];
      sum += difference * difference;
    }
    return sum;
  }

  /** Sums in the order of a binary tree, which reduceLanes does not guarantee. */
  private static float sumOfLanes(FloatVector v) {
    FloatVector sum = v;
    if (LANES >= 16) {
      sum = sum.add(sum.rearrange(ROTATE_8));
    }
    if (LANES >= 8) {
      sum = sum.add(sum.rearrange(ROTATE_4));
    }
    if (LANES >= 4) {
      sum = sum.add(sum.rearrange(ROTATE_2));
    }
    return sum.add(sum.rearrange(ROTATE_1)).lane(0);
  }

  // Kernels write out the exponential rather than share a method: where the compiler
  // declines to inline a call, every vector that passes through it becomes an object.

  @Override
  public void exp(float[] a, int offset, int count, float[] out) {
    Remainder.run(a, offset, count, out, VectorKernels::expOfVectors);
  }

  private static void expOfVectors(float[] a, int offset, int count, float[] out) {
    int end = offset + count;
    for (int i = offset; i < end; i += LANES) {
      FloatVector x = FloatVector.fromArray(SPECIES, a, i);
      VectorMask<Float> vanishes = x.compare(VectorOperators.LT, EXP_MIN);
      x = x.blend(EXP_MAX, x.compare(VectorOperators.GT, EXP_MAX)).blend(EXP_MIN, vanishes);
      FloatVector rounded = x.fma(LOG2_E, ROUNDING);
      FloatVector n = rounded.sub(ROUNDING);
      FloatVector r = n.fma(MINUS_LN2_LOW, n.fma(MINUS_LN2_HIGH, x));
      FloatVector p = r.fma(E4, E3);
      p = p.fma(r, E2);
      p = p.fma(r, E1);
      p = p.fma(r, E0);
      FloatVector e = p.fma(r.mul(r), r).add(1);
      // 2^n in two factors, as 2^128 overflows.
      IntVector exponent = rounded.reinterpretAsInts().sub(ROUNDING_BITS);
      IntVector half = exponent.lanewise(VectorOperators.ASHR, 1);
      IntVector rest = exponent.sub(half);
      FloatVector halfPower =
          half.add(EXPONENT_BIAS)
              .lanewise(VectorOperators.LSHL, MANTISSA_BITS)
              .reinterpretAsFloats();
      FloatVector restPower =
          rest.add(EXPONENT_BIAS)
              .lanewise(VectorOperators.LSHL, MANTISSA_BITS)
              .reinterpretAsFloats();
      e.mul(halfPower).mul(restPower).blend(0, vanishes).intoArray(out, i);
    }
  }

  private static FloatVector broadcast(float value) {
    return FloatVector.broadcast(SPECIES, value);
  }

  @Override
  public void heaviside(float[] a, int offset, int count, float[] out) {
    Remainder.run(a, offset, count, out, VectorKernels::heavisideOfVectors);
  }

  private static void heavisideOfVectors(float[] a, int offset, int count, float[] out) {
    int end = offset + count;
    for (int i = offset; i < end; i += LANES) {
      FloatVector x = FloatVector.fromArray(SPECIES, a, i);
      HALF.blend(1, x.compare(VectorOperators.GT, 0))
          .blend(0, x.compare(VectorOperators.LT, 0))
          .intoArray(out, i);
    }
  }

  @Override
  public void select(float[] c, float[] a, float[] b, int offset, int count, float[] out) {
    int end = offset + count;
    int i = offset;
    for (; i <= end - LANES; i += LANES) {
      FloatVector x = FloatVector.fromArray(SPECIES, a, i);
      FloatVector y = FloatVector.fromArray(SPECIES, b, i);
      y.blend(x, FloatVector.fromArray(SPECIES, c, i).compare(VectorOperators.GT, 0))
          .intoArray(out, i);
    }
    for (; i < end; i++) {
      out[i] = c[i] > 0 ? a[i] : b[i];
    }
  }

  @Override
  public void keepWherePositive(float[] c, float[] a, int offset, int count, float[] out) {
    FloatVector zero = FloatVector.zero(SPECIES);
    int end = offset + count;
    int i = offset;
    for (; i <= end - LANES; i += LANES) {
      var isPositive = FloatVector.fromArray(SPECIES, c, i).compare(VectorOperators.GT, zero);
      zero.blend(FloatVector.fromArray(SPECIES, a, i), isPositive).intoArray(out, i);
    }
    for (; i < end; i++) {
      out[i] = c[i] > 0 ? a[i] : 0;
    }
  }

  @Override
  public void combine(float x, float[] a, float y, float[] b, int offset, int count, float[] out) {
    FloatVector xs = broadcast(x);
    FloatVector ys = broadcast(y);
    int end = offset + count;
    int i = offset;
    for (; i <= end - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, a, i)
          .fma(xs, FloatVector.fromArray(SPECIES, b, i).mul(ys))
          .intoArray(out, i);
    }
    for (; i < end; i++) {
      out[i] = x * a[i] + y * b[i];
    }
  }

  @Override
  public void log(float[] a, int offset, int count, float[] out) {
    Remainder.run(a, offset, count, out, (x, at, n, y) -> VectorFunctions.log(x, at, n, 0, y));
  }

  @Override
  public void log1p(float[] a, int offset, int count, float[] out) {
    Remainder.run(a, offset, count, out, (x, at, n, y) -> VectorFunctions.log(x, at, n, 1, y));
  }

  @Override
  public void sin(float[] a, int offset, int count, float[] out) {
    Remainder.run(a, offset, count, out, (x, at, n, y) -> VectorFunctions.sine(x, at, n, 0, y));
  }

  @Override
  public void cos(float[] a, int offset, int count, float[] out) {
    Remainder.run(a, offset, count, out, (x, at, n, y) -> VectorFunctions.sine(x, at, n, 1, y));
  }

  @Override
  public void erf(float[] a, int offset, int count, float[] out) {
    Remainder.run(a, offset, count, out, VectorFunctions::erf);
  }

  @Override
  public void reluMoments(float[] mean, float[] variance, int offset, int count, float[][] out) {
    Remainder.run(mean, variance, offset, count, out, VectorMoments::relu);
  }
}
