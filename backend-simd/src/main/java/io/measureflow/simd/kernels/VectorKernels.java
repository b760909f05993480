package io.measureflow.simd.kernels;

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
  private static final FloatVector LOG2_E = broadcast(1.442695f);
  private static final FloatVector MINUS_LN2_HIGH = broadcast(-0x1.63p-1f);
  private static final FloatVector MINUS_LN2_LOW = broadcast(2.1219444e-4f);
  private static final FloatVector E0 = broadcast(0.49999994f);
  private static final FloatVector E1 = broadcast(0.16666521f);
  private static final FloatVector E2 = broadcast(0.04166839f);
  private static final FloatVector E3 = broadcast(0.008368717f);
  private static final FloatVector E4 = broadcast(0.0013814599f);

  /** Adding it to a float of moderate size leaves the nearest integer in the lowest bits. */
  private static final FloatVector ROUNDING = broadcast(0x1.8p23f);

  private static final int ROUNDING_BITS = Float.floatToRawIntBits(ROUNDING.lane(0));

  /** Above it exp is infinite. */
  private static final float EXP_MAX = 89;

  /**
   * Below it exp is not a normal number and counts as 0: subnormal numbers cost a hundred times
   * more.
   */
  private static final float EXP_MIN = -87.336f;

  private static final FloatVector R0 = broadcast(GaussianTail.R0);
  private static final FloatVector R1 = broadcast(GaussianTail.R1);
  private static final FloatVector R2 = broadcast(GaussianTail.R2);
  private static final FloatVector R3 = broadcast(GaussianTail.R3);
  private static final FloatVector R4 = broadcast(GaussianTail.R4);
  private static final FloatVector R5 = broadcast(GaussianTail.R5);
  private static final FloatVector R6 = broadcast(GaussianTail.R6);
  private static final FloatVector R7 = broadcast(GaussianTail.R7);
  private static final FloatVector R8 = broadcast(GaussianTail.R8);
  private static final FloatVector R9 = broadcast(GaussianTail.R9);
  private static final FloatVector H0 = broadcast(GaussianTail.H0);
  private static final FloatVector H1 = broadcast(GaussianTail.H1);
  private static final FloatVector H2 = broadcast(GaussianTail.H2);
  private static final FloatVector H3 = broadcast(GaussianTail.H3);
  private static final FloatVector H4 = broadcast(GaussianTail.H4);
  private static final FloatVector H5 = broadcast(GaussianTail.H5);
  private static final FloatVector H6 = broadcast(GaussianTail.H6);
  private static final FloatVector H7 = broadcast(GaussianTail.H7);
  private static final FloatVector H8 = broadcast(GaussianTail.H8);
  private static final FloatVector H9 = broadcast(GaussianTail.H9);

  private static final FloatVector ZERO = broadcast(0);
  private static final FloatVector HALF = broadcast(0.5f);
  private static final FloatVector MINUS_HALF = broadcast(-0.5f);
  private static final FloatVector ONE = broadcast(1);
  private static final FloatVector SHIFT = broadcast(GaussianTail.SHIFT);
  private static final FloatVector PHI_0 = broadcast(GaussianTail.PHI_0);
  private static final FloatVector END = broadcast(GaussianTail.END);

  /** The value at which |t| is cut off: slightly larger, for quotients that round down. */
  private static final FloatVector BEYOND_END = broadcast(GaussianTail.END + 0.05f);

  // The tails of Phi and G_0 are computed times 2^64, and are 0 if they would be subnormal; that of
  // G_0
  // only if it would also be for v = 1, so that small variances keep their small results.
  private static final FloatVector SCALE = broadcast(0x1p64f);
  private static final FloatVector PER_SCALE = broadcast(0x1p-64f);
  private static final FloatVector LEAST_SCALED = broadcast(0x1p64f * Float.MIN_NORMAL);

  private static final int EXPONENT_BIAS = 127;
  private static final int MANTISSA_BITS = 23;
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
  public float sumOfSquares(float[] a, int offset, int count) {
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = s0;
    int end = offset + count;
    int i = offset;
    for (; i <= end - 2 * LANES; i += 2 * LANES) {
      FloatVector a0 = FloatVector.fromArray(SPECIES, a, i);
      s0 = a0.fma(a0, s0);
      FloatVector a1 = FloatVector.fromArray(SPECIES, a, i + LANES);
      s1 = a1.fma(a1, s1);
    }
    float sum = sumOfLanes(s0.add(s1));
    for (; i < end; i++) {
      sum += a[i] * a[i];
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
    Remainder.run(mean, variance, offset, count, out, VectorKernels::reluMomentsOfVectors);
  }

  private static void reluMomentsOfVectors(
      float[] mean, float[] variance, int offset, int count, float[][] out) {
    Moments block = Moments.OWN.get();
    for (int from = 0; from < count; from += Moments.LENGTH) {
      int length = Math.min(Moments.LENGTH, count - from);
      block.standardise(mean, variance, offset + from, length);
      block.computeDensities(length);
      block.computeTails(length);
      block.combine(mean, variance, offset + from, length, out);
    }
  }

  /**
   * The intermediate results of the moments of some elements, one step after the other. Each step
   * is a chain of dependent operations of up to a hundred cycles: a single loop with all of them
   * leaves no room for the processor to start the next elements, and took nearly twice as long.
   */
  private static final class Moments {
    private static final int LENGTH = 16 * MAX_LANES;

    private static final ThreadLocal<Moments> OWN = ThreadLocal.withInitial(Moments::new);

    private final float[] deviation = new float[LENGTH];
    private final float[] perDeviation = new float[LENGTH];
    private final float[] standardised = new float[LENGTH];
    private final float[] squares = new float[LENGTH];
    private final float[] squaresLow = new float[LENGTH];
    private final float[] densities = new float[LENGTH];
    private final float[] upper = new float[LENGTH];
    private final float[] complements = new float[LENGTH];

    /** Computes s, 1/s, t = m/s, and t^2 with its rounding error. */
    void standardise(float[] mean, float[] variance, int offset, int count) {
      for (int i = 0; i < count; i += LANES) {
        FloatVector m = FloatVector.fromArray(SPECIES, mean, offset + i);
        FloatVector v = FloatVector.fromArray(SPECIES, variance, offset + i);
        VectorMask<Float> point = v.compare(VectorOperators.EQ, ZERO);
        FloatVector s = v.sqrt();
        FloatVector perS = ONE.div(s.blend(ONE, point));
        // t and its rounding error: the relative error of phi(t) is t times the error of t.
        FloatVector limit = s.mul(BEYOND_END);
        FloatVector bounded = m.blend(limit, m.compare(VectorOperators.GT, limit));
        bounded = bounded.blend(limit.neg(), bounded.compare(VectorOperators.LT, limit.neg()));
        FloatVector t = bounded.mul(perS);
        FloatVector rootResidual = s.fma(s.neg(), v);
        FloatVector quotientResidual = t.fma(s.neg(), bounded);
        FloatVector tLow =
            t.mul(MINUS_HALF).mul(rootResidual).fma(perS, quotientResidual).mul(perS);
        FloatVector square = t.mul(t);
        s.intoArray(deviation, i);
        perS.intoArray(perDeviation, i);
        t.intoArray(standardised, i);
        square.intoArray(squares, i);
        t.add(t).fma(tLow, t.fma(t, square.neg())).intoArray(squaresLow, i);
      }
    }

    /** Computes phi(t). */
    void computeDensities(int count) {
      for (int i = 0; i < count; i += LANES) {
        FloatVector t = FloatVector.fromArray(SPECIES, standardised, i);
        FloatVector square = FloatVector.fromArray(SPECIES, squares, i);
        FloatVector squareLow = FloatVector.fromArray(SPECIES, squaresLow, i);
        // exp(-square/2), as above; |t| is bounded, so 2^n is a normal number.
        FloatVector x = square.mul(MINUS_HALF);
        FloatVector rounded = x.fma(LOG2_E, ROUNDING);
        FloatVector n = rounded.sub(ROUNDING);
        FloatVector x0 = n.fma(MINUS_LN2_LOW, n.fma(MINUS_LN2_HIGH, x));
        FloatVector p = x0.fma(E4, E3);
        p = p.fma(x0, E2);
        p = p.fma(x0, E1);
        p = p.fma(x0, E0);
        FloatVector e = p.fma(x0.mul(x0), x0).add(ONE);
        FloatVector power =
            rounded
                .reinterpretAsInts()
                .add(EXPONENT_BIAS - ROUNDING_BITS)
                .lanewise(VectorOperators.LSHL, MANTISSA_BITS)
                .reinterpretAsFloats();
        FloatVector phi = e.mul(PHI_0).mul(power);
        phi = phi.mul(squareLow.fma(MINUS_HALF, ONE));
        phi.blend(ZERO, t.abs().compare(VectorOperators.GE, END)).intoArray(densities, i);
      }
    }

    /** Computes the factors of phi(|t|) in 1 - Phi(|t|), and in G_0(-|t|) at v = 1. */
    void computeTails(int count) {
      for (int i = 0; i < count; i += LANES) {
        FloatVector a = FloatVector.fromArray(SPECIES, standardised, i).abs();
        FloatVector q = ONE.div(a.add(SHIFT));
        FloatVector y = a.sub(SHIFT).mul(q);
        FloatVector h = y.fma(H9, H8);
        FloatVector r = y.fma(R9, R8);
        h = h.fma(y, H7);
        r = r.fma(y, R7);
        h = h.fma(y, H6);
        r = r.fma(y, R6);
        h = h.fma(y, H5);
        r = r.fma(y, R5);
        h = h.fma(y, H4);
        r = r.fma(y, R4);
        h = h.fma(y, H3);
        r = r.fma(y, R3);
        h = h.fma(y, H2);
        r = r.fma(y, R2);
        h = h.fma(y, H1);
        r = r.fma(y, R1);
        h.fma(y, H0).mul(q.mul(q)).intoArray(complements, i);
        r.fma(y, R0).mul(q).intoArray(upper, i);
      }
    }

    void combine(float[] mean, float[] variance, int offset, int count, float[][] out) {
      float[] g0 = out[0];
      float[] g1 = out[1];
      float[] g2 = out[2];
      float[] g3 = out[3];
      float[] g4 = out[4];
      for (int i = 0; i < count; i += LANES) {
        FloatVector m = FloatVector.fromArray(SPECIES, mean, offset + i);
        FloatVector v = FloatVector.fromArray(SPECIES, variance, offset + i);
        VectorMask<Float> point = v.compare(VectorOperators.EQ, ZERO);
        FloatVector s = FloatVector.fromArray(SPECIES, deviation, i);
        FloatVector perS = FloatVector.fromArray(SPECIES, perDeviation, i);
        FloatVector t = FloatVector.fromArray(SPECIES, standardised, i);
        FloatVector square = FloatVector.fromArray(SPECIES, squares, i);
        FloatVector squareLow = FloatVector.fromArray(SPECIES, squaresLow, i);
        FloatVector phi = FloatVector.fromArray(SPECIES, densities, i);

        FloatVector positive = m.blend(ZERO, m.compare(VectorOperators.LT, ZERO));
        FloatVector large = phi.mul(SCALE);
        FloatVector ofOne = large.mul(FloatVector.fromArray(SPECIES, complements, i));
        FloatVector rest = s.mul(ofOne);
        rest = rest.blend(ZERO, rest.max(ofOne).compare(VectorOperators.LT, LEAST_SCALED));
        FloatVector first = rest.mul(PER_SCALE).add(positive);
        FloatVector tail = large.mul(FloatVector.fromArray(SPECIES, upper, i));
        tail = tail.blend(ZERO, tail.compare(VectorOperators.LT, LEAST_SCALED)).mul(PER_SCALE);
        FloatVector cdf = tail.blend(ONE.sub(tail), t.compare(VectorOperators.GT, ZERO));
        FloatVector jump =
            HALF.blend(ONE, m.compare(VectorOperators.GT, ZERO))
                .blend(ZERO, m.compare(VectorOperators.LT, ZERO));
        FloatVector density = phi.mul(perS).blend(ZERO, point);
        // phi comes first: a zero of it or of t^2 - 1 stays 0, as perS is finite.
        FloatVector hermite = square.sub(ONE).add(squareLow);
        FloatVector fourth = hermite.mul(phi).mul(perS).mul(perS).mul(perS).blend(ZERO, point);
        int to = offset + i;
        fourth.intoArray(g4, to);
        t.neg().mul(density).mul(perS).intoArray(g3, to);
        density.intoArray(g2, to);
        cdf.blend(jump, point).intoArray(g1, to);
        first.intoArray(g0, to);
      }
    }
  }
}
