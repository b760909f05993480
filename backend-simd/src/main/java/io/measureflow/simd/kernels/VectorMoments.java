package io.measureflow.simd.kernels;

import static io.measureflow.simd.kernels.VectorKernels.E0;
import static io.measureflow.simd.kernels.VectorKernels.E1;
import static io.measureflow.simd.kernels.VectorKernels.E2;
import static io.measureflow.simd.kernels.VectorKernels.E3;
import static io.measureflow.simd.kernels.VectorKernels.E4;
import static io.measureflow.simd.kernels.VectorKernels.EXPONENT_BIAS;
import static io.measureflow.simd.kernels.VectorKernels.LOG2_E;
import static io.measureflow.simd.kernels.VectorKernels.MANTISSA_BITS;
import static io.measureflow.simd.kernels.VectorKernels.MAX_LANES;
import static io.measureflow.simd.kernels.VectorKernels.MINUS_LN2_HIGH;
import static io.measureflow.simd.kernels.VectorKernels.MINUS_LN2_LOW;
import static io.measureflow.simd.kernels.VectorKernels.ROUNDING;
import static io.measureflow.simd.kernels.VectorKernels.ROUNDING_BITS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Moments of relu in vectors: the intermediate results of some elements, one step after the other.
 * Each step is a chain of dependent operations of up to a hundred cycles: a single loop with all of
 * them leaves no room for the processor to start the next elements, and took nearly twice as long.
 */
final class VectorMoments {

  private static final VectorSpecies<Float> SPECIES = VectorKernels.SPECIES;
  private static final int LANES = SPECIES.length();

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
  // G_0 only if it would also be for v = 1, so that small variances keep their small results.
  private static final FloatVector SCALE = broadcast(0x1p64f);
  private static final FloatVector PER_SCALE = broadcast(0x1p-64f);
  private static final FloatVector LEAST_SCALED = broadcast(0x1p64f * Float.MIN_NORMAL);

  private static final int LENGTH = 16 * MAX_LANES;

  private static final ThreadLocal<VectorMoments> OWN = ThreadLocal.withInitial(VectorMoments::new);

  private final float[] deviation = new float[LENGTH];
  private final float[] perDeviation = new float[LENGTH];
  private final float[] standardised = new float[LENGTH];
  private final float[] squares = new float[LENGTH];
  private final float[] squaresLow = new float[LENGTH];
  private final float[] densities = new float[LENGTH];
  private final float[] upper = new float[LENGTH];
  private final float[] complements = new float[LENGTH];

  /** Computes s, 1/s, t = m/s, and t^2 with its rounding error. */
  private void standardise(float[] mean, float[] variance, int offset, int count) {
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
      FloatVector tLow = t.mul(MINUS_HALF).mul(rootResidual).fma(perS, quotientResidual).mul(perS);
      FloatVector square = t.mul(t);
      s.intoArray(deviation, i);
      perS.intoArray(perDeviation, i);
      t.intoArray(standardised, i);
      square.intoArray(squares, i);
      t.add(t).fma(tLow, t.fma(t, square.neg())).intoArray(squaresLow, i);
    }
  }

  /** Computes phi(t). */
  private void computeDensities(int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector t = FloatVector.fromArray(SPECIES, standardised, i);
      FloatVector square = FloatVector.fromArray(SPECIES, squares, i);
      FloatVector squareLow = FloatVector.fromArray(SPECIES, squaresLow, i);
      // exp(-square/2), as VectorKernels does; |t| is bounded, so 2^n is a normal number.
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
  private void computeTails(int count) {
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

  private void combine(float[] mean, float[] variance, int offset, int count, float[][] out) {
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

  private VectorMoments() {}

  /** Computes the moments of orders 0 to 4 of whole vectors of elements. */
  static void relu(float[] mean, float[] variance, int offset, int count, float[][] out) {
    VectorMoments block = OWN.get();
    for (int from = 0; from < count; from += LENGTH) {
      int length = Math.min(LENGTH, count - from);
      block.standardise(mean, variance, offset + from, length);
      block.computeDensities(length);
      block.computeTails(length);
      block.combine(mean, variance, offset + from, length, out);
    }
  }

  private static FloatVector broadcast(float value) {
    return FloatVector.broadcast(SPECIES, value);
  }
}
