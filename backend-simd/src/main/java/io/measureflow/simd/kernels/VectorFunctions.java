package io.measureflow.simd.kernels;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Elementary functions in explicit vectors, element by element, over {@code count} elements from
 * {@code offset} on, a multiple of the vector length ({@link Remainder} handles the rest). Each is
 * one loop without calls and branches: where the compiler does not inline a call, or vectors stay
 * live across a branch, they become objects.
 */
public final class VectorFunctions {

  private static final VectorSpecies<Float> SPECIES = VectorKernels.SPECIES;
  private static final int LANES = SPECIES.length();
  private static final int EXPONENT_BIAS = 127;
  private static final int MANTISSA_BITS = 23;

  /** Adding it to a float of moderate size leaves the nearest integer in the lowest bits. */
  private static final FloatVector ROUNDING = broadcast(0x1.8p23f);

  private static final FloatVector ZERO = broadcast(0);
  private static final FloatVector ONE = broadcast(1);
  private static final FloatVector MINUS_HALF = broadcast(-0.5f);

  // log(2^e (1 + f)) = e ln 2 + f + f^2 p(f) with ln 2 in two parts, the first so short that its
  // multiples are exact; p minimax in the relative error of log(1 + f) for 1 + f from sqrt(1/2) to
  // sqrt(2) (Remez' exchange in 40 digits): 4.2e-9.
  private static final FloatVector LN2_HIGH = broadcast(0x1.63p-1f);
  private static final FloatVector LN2_LOW = broadcast(-2.1219444e-4f);
  private static final FloatVector L0 = broadcast(-0.49999988f);
  private static final FloatVector L1 = broadcast(0.33333325f);
  private static final FloatVector L2 = broadcast(-0.25001597f);
  private static final FloatVector L3 = broadcast(0.20002085f);
  private static final FloatVector L4 = broadcast(-0.16608855f);
  private static final FloatVector L5 = broadcast(0.14179352f);
  private static final FloatVector L6 = broadcast(-0.13242285f);
  private static final FloatVector L7 = broadcast(0.12921096f);
  private static final FloatVector L8 = broadcast(-0.07645046f);
  private static final int ROOT_HALF_BITS = Float.floatToRawIntBits((float) Math.sqrt(0.5));

  /** 2^23, which makes subnormal numbers normal. */
  private static final float SUBNORMAL_SCALE = 0x1p23f;

  // x = n pi/2 + r with pi/2 in three parts [cody1980]. The first subtraction is exact, as n times
  // the first part and x are multiples of a number that r needs 24 bits of. Then
  // sin(r) = r + r^3 p(r^2) and cos(r) = 1 - r^2/2 + r^4 q(r^2), minimax for |r| <= pi/4 + 0.006
  // (Remez' exchange in 40 digits): relative error 6.9e-9 and absolute error 2.1e-10.
  private static final FloatVector TWO_OVER_PI = broadcast(0.63661975f);
  private static final FloatVector MINUS_HALF_PI_0 = broadcast(-1.5707964f);
  private static final FloatVector MINUS_HALF_PI_1 = broadcast(4.371139e-8f);
  private static final FloatVector MINUS_HALF_PI_2 = broadcast(1.7151245e-15f);
  private static final FloatVector S0 = broadcast(-0.16666654f);
  private static final FloatVector S1 = broadcast(0.008332063f);
  private static final FloatVector S2 = broadcast(-1.9498832e-4f);
  private static final FloatVector C0 = broadcast(0.041666653f);
  private static final FloatVector C1 = broadcast(-0.0013887617f);
  private static final FloatVector C2 = broadcast(2.4458692e-5f);

  private static final FloatVector P0 = broadcast(ErrorFunction.P0);
  private static final FloatVector P1 = broadcast(ErrorFunction.P1);
  private static final FloatVector P2 = broadcast(ErrorFunction.P2);
  private static final FloatVector P3 = broadcast(ErrorFunction.P3);
  private static final FloatVector P4 = broadcast(ErrorFunction.P4);
  private static final FloatVector P5 = broadcast(ErrorFunction.P5);
  private static final FloatVector Q1 = broadcast(ErrorFunction.Q1);
  private static final FloatVector Q2 = broadcast(ErrorFunction.Q2);
  private static final FloatVector Q3 = broadcast(ErrorFunction.Q3);
  private static final FloatVector Q4 = broadcast(ErrorFunction.Q4);
  private static final FloatVector Q5 = broadcast(ErrorFunction.Q5);

  private VectorFunctions() {}

  private static FloatVector broadcast(float value) {
    return FloatVector.broadcast(SPECIES, value);
  }

  /** out = log(shift + a) for a shift of 0 or 1, as if the sum had not been rounded. */
  public static void log(float[] a, int offset, int count, float shift, float[] out) {
    int end = offset + count;
    for (int i = offset; i < end; i += LANES) {
      FloatVector x = FloatVector.fromArray(SPECIES, a, i);
      // u + lost = x + shift exactly (Knuth's two-sum); lost is NaN where x is not finite.
      FloatVector u = x.add(shift);
      FloatVector back = u.sub(x);
      FloatVector lost = x.sub(u.sub(back)).add(back.neg().add(shift));
      VectorMask<Float> subnormal = u.compare(VectorOperators.LT, Float.MIN_NORMAL);
      FloatVector normal = u.blend(u.mul(SUBNORMAL_SCALE), subnormal);
      IntVector bits = normal.reinterpretAsInts();
      IntVector exponent = bits.sub(ROOT_HALF_BITS).lanewise(VectorOperators.ASHR, MANTISSA_BITS);
      FloatVector m =
          bits.sub(exponent.lanewise(VectorOperators.LSHL, MANTISSA_BITS)).reinterpretAsFloats();
      // The lost part, divided by the same power of 2; where that is not a normal number it no
      // longer
      // matters.
      FloatVector downscale =
          exponent
              .lanewise(VectorOperators.MIN, EXPONENT_BIAS - 1)
              .neg()
              .add(EXPONENT_BIAS)
              .lanewise(VectorOperators.LSHL, MANTISSA_BITS)
              .reinterpretAsFloats();
      FloatVector f = lost.fma(downscale, m.sub(ONE));
      FloatVector e = ((FloatVector) exponent.convert(VectorOperators.I2F, 0));
      e = e.blend(e.sub(MANTISSA_BITS), subnormal);
      FloatVector p = f.fma(L8, L7);
      p = p.fma(f, L6);
      p = p.fma(f, L5);
      p = p.fma(f, L4);
      p = p.fma(f, L3);
      p = p.fma(f, L2);
      p = p.fma(f, L1);
      p = p.fma(f, L0);
      FloatVector rest = p.fma(f.mul(f), e.mul(LN2_LOW));
      FloatVector result = e.fma(LN2_HIGH, f.add(rest));
      result
          .blend(Float.NEGATIVE_INFINITY, u.compare(VectorOperators.EQ, ZERO))
          .blend(Float.NaN, u.compare(VectorOperators.LT, ZERO))
          .blend(Float.POSITIVE_INFINITY, u.compare(VectorOperators.EQ, Float.POSITIVE_INFINITY))
          .intoArray(out, i);
    }
  }

  /** out = sin(a + quarters pi/2): the sine for 0 quarters, the cosine for 1. */
  public static void sine(float[] a, int offset, int count, int quarters, float[] out) {
    int end = offset + count;
    int near = 0;
    for (int i = offset; i < end; i += LANES) {
      FloatVector x = FloatVector.fromArray(SPECIES, a, i);
      FloatVector rounded = x.fma(TWO_OVER_PI, ROUNDING);
      FloatVector n = rounded.sub(ROUNDING);
      FloatVector r = n.fma(MINUS_HALF_PI_0, x);
      r = n.fma(MINUS_HALF_PI_1, r);
      r = n.fma(MINUS_HALF_PI_2, r);
      FloatVector s = r.mul(r);
      FloatVector p = s.fma(S2, S1);
      p = p.fma(s, S0);
      FloatVector sine = p.fma(s.mul(r), r);
      FloatVector q = s.fma(C2, C1);
      q = q.fma(s, C0);
      FloatVector cosine = q.fma(s.mul(s), s.fma(MINUS_HALF, ONE));
      IntVector turn = rounded.reinterpretAsInts().add(quarters);
      VectorMask<Float> odd =
          turn.lanewise(VectorOperators.LSHL, 31).compare(VectorOperators.LT, 0).cast(SPECIES);
      IntVector sign = turn.lanewise(VectorOperators.AND, 2).lanewise(VectorOperators.LSHL, 30);
      FloatVector result =
          sine.blend(cosine, odd)
              .reinterpretAsInts()
              .lanewise(VectorOperators.XOR, sign)
              .reinterpretAsFloats();
      VectorMask<Float> close = x.abs().compare(VectorOperators.LE, Kernels.NEAR);
      near += close.trueCount();
      result.intoArray(out, i, close);
    }
    if (near < count) {
      farSine(a, offset, end, quarters, out);
    }
  }

  /** Computes only the elements that are far, infinite or NaN. */
  private static void farSine(float[] a, int from, int to, int quarters, float[] out) {
    for (int i = from; i < to; i++) {
      if (!(Math.abs(a[i]) <= Kernels.NEAR)) {
        out[i] = (float) (quarters == 0 ? Math.sin(a[i]) : Math.cos(a[i]));
      }
    }
  }

  /** out = erf(a). */
  public static void erf(float[] a, int offset, int count, float[] out) {
    int end = offset + count;
    for (int i = offset; i < end; i += LANES) {
      FloatVector x = FloatVector.fromArray(SPECIES, a, i);
      FloatVector s = x.mul(x);
      FloatVector p = s.fma(P5, P4);
      p = p.fma(s, P3);
      p = p.fma(s, P2);
      p = p.fma(s, P1);
      p = p.fma(s, P0);
      FloatVector q = s.fma(Q5, Q4);
      q = q.fma(s, Q3);
      q = q.fma(s, Q2);
      q = q.fma(s, Q1);
      q = q.fma(s, ONE);
      FloatVector result = x.mul(p.div(q)).min(1).max(-1);
      result
          .blend(1, x.compare(VectorOperators.GE, ErrorFunction.END))
          .blend(-1, x.compare(VectorOperators.LE, -ErrorFunction.END))
          .intoArray(out, i);
    }
  }
}
