package io.measureflow.simd.kernels;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of a row vector and a matrix in explicit vectors, reading the matrix once and in place.
 * Memory bandwidth decides the speed; four rows at a time hide the latency of sums.
 */
public final class VectorDots {

  private static final VectorSpecies<Float> SPECIES = VectorKernels.SPECIES;
  private static final int LANES = SPECIES.length();

  /** Fewer columns than this are not worth keeping in registers, one vector after the other. */
  private static final int LONG_ROW = 4 * LANES;

  /** The columns whose sums stay in the L1 cache beside the rows that are added. */
  private static final int COLUMN_BLOCK = 1024;

  private VectorDots() {}

  /** See {@link Kernels#dotRows}. A row has the same bits alone as with others. */
  public static void dotRows(
      float[] x, int xOffset, int inner, float[] b, int bOffset, int rows, float[] out, int to) {
    int whole = inner - inner % LANES;
    int pairs = inner - inner % (2 * LANES);
    for (int j = 0; j < rows; j += 4) {
      // If fewer are left, the last one is repeated.
      int j1 = Math.min(j + 1, rows - 1);
      int j2 = Math.min(j + 2, rows - 1);
      int j3 = Math.min(j + 3, rows - 1);
      int b0 = bOffset + j * inner;
      int b1 = bOffset + j1 * inner;
      int b2 = bOffset + j2 * inner;
      int b3 = bOffset + j3 * inner;
      FloatVector s0 = FloatVector.zero(SPECIES);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      FloatVector t0 = s0;
      FloatVector t1 = s0;
      FloatVector t2 = s0;
      FloatVector t3 = s0;
      int k = 0;
      for (; k < pairs; k += 2 * LANES) {
        FloatVector y = FloatVector.fromArray(SPECIES, x, xOffset + k);
        FloatVector z = FloatVector.fromArray(SPECIES, x, xOffset + k + LANES);
        s0 = y.fma(FloatVector.fromArray(SPECIES, b, b0 + k), s0);
        t0 = z.fma(FloatVector.fromArray(SPECIES, b, b0 + k + LANES), t0);
        s1 = y.fma(FloatVector.fromArray(SPECIES, b, b1 + k), s1);
        t1 = z.fma(FloatVector.fromArray(SPECIES, b, b1 + k + LANES), t1);
        s2 = y.fma(FloatVector.fromArray(SPECIES, b, b2 + k), s2);
        t2 = z.fma(FloatVector.fromArray(SPECIES, b, b2 + k + LANES), t2);
        s3 = y.fma(FloatVector.fromArray(SPECIES, b, b3 + k), s3);
        t3 = z.fma(FloatVector.fromArray(SPECIES, b, b3 + k + LANES), t3);
      }
      for (; k < whole; k += LANES) {
        FloatVector y = FloatVector.fromArray(SPECIES, x, xOffset + k);
        s0 = y.fma(FloatVector.fromArray(SPECIES, b, b0 + k), s0);
        s1 = y.fma(FloatVector.fromArray(SPECIES, b, b1 + k), s1);
        s2 = y.fma(FloatVector.fromArray(SPECIES, b, b2 + k), s2);
        s3 = y.fma(FloatVector.fromArray(SPECIES, b, b3 + k), s3);
      }
      s0 = s0.add(t0);
      s1 = s1.add(t1);
      s2 = s2.add(t2);
      s3 = s3.add(t3);
      // Written out, as in VectorKernels: a call that is not inlined turns vectors into objects.
      if (LANES >= 16) {
        s0 = s0.add(s0.rearrange(VectorKernels.ROTATE_8));
        s1 = s1.add(s1.rearrange(VectorKernels.ROTATE_8));
        s2 = s2.add(s2.rearrange(VectorKernels.ROTATE_8));
        s3 = s3.add(s3.rearrange(VectorKernels.ROTATE_8));
      }
      if (LANES >= 8) {
        s0 = s0.add(s0.rearrange(VectorKernels.ROTATE_4));
        s1 = s1.add(s1.rearrange(VectorKernels.ROTATE_4));
        s2 = s2.add(s2.rearrange(VectorKernels.ROTATE_4));
        s3 = s3.add(s3.rearrange(VectorKernels.ROTATE_4));
      }
      if (LANES >= 4) {
        s0 = s0.add(s0.rearrange(VectorKernels.ROTATE_2));
        s1 = s1.add(s1.rearrange(VectorKernels.ROTATE_2));
        s2 = s2.add(s2.rearrange(VectorKernels.ROTATE_2));
        s3 = s3.add(s3.rearrange(VectorKernels.ROTATE_2));
      }
      out[to + j] = s0.add(s0.rearrange(VectorKernels.ROTATE_1)).lane(0);
      out[to + j1] = s1.add(s1.rearrange(VectorKernels.ROTATE_1)).lane(0);
      out[to + j2] = s2.add(s2.rearrange(VectorKernels.ROTATE_1)).lane(0);
      out[to + j3] = s3.add(s3.rearrange(VectorKernels.ROTATE_1)).lane(0);
    }
    for (int row = 0; row < rows; row++) {
      int from = bOffset + row * inner;
      float sum = out[to + row];
      for (int k = whole; k < inner; k++) {
        sum += x[xOffset + k] * b[from + k];
      }
      out[to + row] = sum;
    }
  }

  /** See {@link Kernels#dotRows}, for the squares of b, which are computed in registers. */
  public static void dotSquaredRows(
      float[] x, int xOffset, int inner, float[] b, int bOffset, int rows, float[] out, int to) {
    int whole = inner - inner % LANES;
    int pairs = inner - inner % (2 * LANES);
    for (int j = 0; j < rows; j += 4) {
      // If fewer are left, the last one is repeated.
      int j1 = Math.min(j + 1, rows - 1);
      int j2 = Math.min(j + 2, rows - 1);
      int j3 = Math.min(j + 3, rows - 1);
      int b0 = bOffset + j * inner;
      int b1 = bOffset + j1 * inner;
      int b2 = bOffset + j2 * inner;
      int b3 = bOffset + j3 * inner;
      FloatVector s0 = FloatVector.zero(SPECIES);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      FloatVector t0 = s0;
      FloatVector t1 = s0;
      FloatVector t2 = s0;
      FloatVector t3 = s0;
      int k = 0;
      for (; k < pairs; k += 2 * LANES) {
        FloatVector y = FloatVector.fromArray(SPECIES, x, xOffset + k);
        FloatVector z = FloatVector.fromArray(SPECIES, x, xOffset + k + LANES);
        FloatVector u0 = FloatVector.fromArray(SPECIES, b, b0 + k);
        FloatVector v0 = FloatVector.fromArray(SPECIES, b, b0 + k + LANES);
        s0 = u0.mul(u0).fma(y, s0);
        t0 = v0.mul(v0).fma(z, t0);
        FloatVector u1 = FloatVector.fromArray(SPECIES, b, b1 + k);
        FloatVector v1 = FloatVector.fromArray(SPECIES, b, b1 + k + LANES);
        s1 = u1.mul(u1).fma(y, s1);
        t1 = v1.mul(v1).fma(z, t1);
        FloatVector u2 = FloatVector.fromArray(SPECIES, b, b2 + k);
        FloatVector v2 = FloatVector.fromArray(SPECIES, b, b2 + k + LANES);
        s2 = u2.mul(u2).fma(y, s2);
        t2 = v2.mul(v2).fma(z, t2);
        FloatVector u3 = FloatVector.fromArray(SPECIES, b, b3 + k);
        FloatVector v3 = FloatVector.fromArray(SPECIES, b, b3 + k + LANES);
        s3 = u3.mul(u3).fma(y, s3);
        t3 = v3.mul(v3).fma(z, t3);
      }
      for (; k < whole; k += LANES) {
        FloatVector y = FloatVector.fromArray(SPECIES, x, xOffset + k);
        FloatVector u0 = FloatVector.fromArray(SPECIES, b, b0 + k);
        s0 = u0.mul(u0).fma(y, s0);
        FloatVector u1 = FloatVector.fromArray(SPECIES, b, b1 + k);
        s1 = u1.mul(u1).fma(y, s1);
        FloatVector u2 = FloatVector.fromArray(SPECIES, b, b2 + k);
        s2 = u2.mul(u2).fma(y, s2);
        FloatVector u3 = FloatVector.fromArray(SPECIES, b, b3 + k);
        s3 = u3.mul(u3).fma(y, s3);
      }
      s0 = s0.add(t0);
      s1 = s1.add(t1);
      s2 = s2.add(t2);
      s3 = s3.add(t3);
      // Written out, as in VectorKernels: a call that is not inlined turns vectors into objects.
      if (LANES >= 16) {
        s0 = s0.add(s0.rearrange(VectorKernels.ROTATE_8));
        s1 = s1.add(s1.rearrange(VectorKernels.ROTATE_8));
        s2 = s2.add(s2.rearrange(VectorKernels.ROTATE_8));
        s3 = s3.add(s3.rearrange(VectorKernels.ROTATE_8));
      }
      if (LANES >= 8) {
        s0 = s0.add(s0.rearrange(VectorKernels.ROTATE_4));
        s1 = s1.add(s1.rearrange(VectorKernels.ROTATE_4));
        s2 = s2.add(s2.rearrange(VectorKernels.ROTATE_4));
        s3 = s3.add(s3.rearrange(VectorKernels.ROTATE_4));
      }
      if (LANES >= 4) {
        s0 = s0.add(s0.rearrange(VectorKernels.ROTATE_2));
        s1 = s1.add(s1.rearrange(VectorKernels.ROTATE_2));
        s2 = s2.add(s2.rearrange(VectorKernels.ROTATE_2));
        s3 = s3.add(s3.rearrange(VectorKernels.ROTATE_2));
      }
      out[to + j] = s0.add(s0.rearrange(VectorKernels.ROTATE_1)).lane(0);
      out[to + j1] = s1.add(s1.rearrange(VectorKernels.ROTATE_1)).lane(0);
      out[to + j2] = s2.add(s2.rearrange(VectorKernels.ROTATE_1)).lane(0);
      out[to + j3] = s3.add(s3.rearrange(VectorKernels.ROTATE_1)).lane(0);
    }
    for (int row = 0; row < rows; row++) {
      int from = bOffset + row * inner;
      float sum = out[to + row];
      for (int k = whole; k < inner; k++) {
        sum += x[xOffset + k] * (b[from + k] * b[from + k]);
      }
      out[to + row] = sum;
    }
  }

  /** See {@link Kernels#combineRows}. */
  public static void combineRows(
      float[] x,
      int xOffset,
      int inner,
      float[] b,
      int bOffset,
      int stride,
      int columns,
      float[] out,
      int to) {
    if (columns >= LONG_ROW) {
      combineLongRows(x, xOffset, inner, b, bOffset, stride, columns, out, to);
      return;
    }
    int j = 0;
    for (; j <= columns - LANES; j += LANES) {
      FloatVector s0 = FloatVector.zero(SPECIES);
      int from = bOffset + j;
      for (int k = 0; k < inner; k++) {
        FloatVector y = FloatVector.broadcast(SPECIES, x[xOffset + k]);
        s0 = y.fma(FloatVector.fromArray(SPECIES, b, from), s0);
        from += stride;
      }
      s0.intoArray(out, to + j);
    }
    for (; j < columns; j++) {
      float sum = 0;
      int from = bOffset + j;
      for (int k = 0; k < inner; k++) {
        sum = Math.fma(x[xOffset + k], b[from], sum);
        from += stride;
      }
      out[to + j] = sum;
    }
  }

  /**
   * Combines four rows at a time along some columns, whose sums stay in the L1 cache, so that
   * memory is read in long runs.
   */
  private static void combineLongRows(
      float[] x,
      int xOffset,
      int inner,
      float[] b,
      int bOffset,
      int stride,
      int columns,
      float[] out,
      int to) {
    for (int first = 0; first < columns; first += COLUMN_BLOCK) {
      int count = Math.min(COLUMN_BLOCK, columns - first);
      int from = bOffset + first;
      Arrays.fill(out, to + first, to + first + count, 0);
      int k = 0;
      for (; k <= inner - 4; k += 4) {
        addFourRows(x, xOffset + k, b, from + k * stride, stride, count, out, to + first);
      }
      for (; k < inner; k++) {
        addRow(x[xOffset + k], b, from + k * stride, count, out, to + first);
      }
    }
  }

  private static void addFourRows(
      float[] x, int xOffset, float[] b, int from, int stride, int count, float[] out, int to) {
    FloatVector x0 = FloatVector.broadcast(SPECIES, x[xOffset]);
    FloatVector x1 = FloatVector.broadcast(SPECIES, x[xOffset + 1]);
    FloatVector x2 = FloatVector.broadcast(SPECIES, x[xOffset + 2]);
    FloatVector x3 = FloatVector.broadcast(SPECIES, x[xOffset + 3]);
    int j = 0;
    for (; j <= count - LANES; j += LANES) {
      FloatVector sum = FloatVector.fromArray(SPECIES, out, to + j);
      sum = x0.fma(FloatVector.fromArray(SPECIES, b, from + j), sum);
      sum = x1.fma(FloatVector.fromArray(SPECIES, b, from + stride + j), sum);
      sum = x2.fma(FloatVector.fromArray(SPECIES, b, from + 2 * stride + j), sum);
      sum = x3.fma(FloatVector.fromArray(SPECIES, b, from + 3 * stride + j), sum);
      sum.intoArray(out, to + j);
    }
    for (; j < count; j++) {
      float sum = Math.fma(x[xOffset], b[from + j], out[to + j]);
      sum = Math.fma(x[xOffset + 1], b[from + stride + j], sum);
      sum = Math.fma(x[xOffset + 2], b[from + 2 * stride + j], sum);
      out[to + j] = Math.fma(x[xOffset + 3], b[from + 3 * stride + j], sum);
    }
  }

  private static void addRow(float x, float[] b, int from, int count, float[] out, int to) {
    FloatVector x0 = FloatVector.broadcast(SPECIES, x);
    int j = 0;
    for (; j <= count - LANES; j += LANES) {
      FloatVector sum = FloatVector.fromArray(SPECIES, out, to + j);
      x0.fma(FloatVector.fromArray(SPECIES, b, from + j), sum).intoArray(out, to + j);
    }
    for (; j < count; j++) {
      out[to + j] = Math.fma(x, b[from + j], out[to + j]);
    }
  }
}
