package io.measureflow.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Tiles of a matrix product whose sums stay in registers: 8, 6 or 4 rows and 2 or 1 vectors of
 * columns. If fewer rows are left, the last one is computed several times, with the same result
 * each time.
 *
 * <p>No tile has masks. With them the JVM's first compiler runs out of registers when it compiles
 * with a profile, though not without: a method whose version without a profile came first was seen
 * to keep it forever, fifty times slower, in one start out of eight.
 */
final class VectorTiles {

  private static final VectorSpecies<Float> SPECIES = VectorKernels.SPECIES;

  private static final int LANES = SPECIES.length();

  /**
   * Processors with wide vectors have 32 registers: room for sixteen sums and their operands.
   * Others have 16, which twelve sums fill.
   */
  private static final boolean MANY_REGISTERS = LANES == VectorKernels.MAX_LANES;

  /** The maximum number of rows of a tile. */
  static final int ROWS = MANY_REGISTERS ? 8 : 6;

  /**
   * Whether left factors may be transposed in memory. Not with few registers: the JVM's compiler
   * loads all elements of a column at once, and then has no registers left for the sums.
   */
  static final boolean TAKES_TRANSPOSED = MANY_REGISTERS;

  /** The initial values of sums that do not accumulate. */
  private static final float[] ZEROS = new float[2 * LANES];

  private VectorTiles() {}

  /** See {@link Kernels#multiply}. */
  static void multiply(
      int rows,
      int width,
      int inner,
      float[] a,
      int aOffset,
      int aStride,
      float[] panel,
      int panelOffset,
      float[] c,
      int cOffset,
      int cStride,
      boolean accumulate) {
    float[] begin = accumulate ? c : ZEROS;
    int kept = accumulate ? -1 : 0;
    boolean wide = width == 2 * LANES;
    for (int i = 0; i < rows; ) {
      int left = rows - i;
      int at = aOffset + i * aStride;
      int to = cOffset + i * cStride;
      if (MANY_REGISTERS) {
        // Also if few rows are left: one tile less for the JVM to compile at the start.
        if (wide) {
          rows8x2(left, inner, a, at, aStride, panel, panelOffset, c, to, cStride, begin, kept);
        } else {
          rows8x1(left, inner, a, at, aStride, panel, panelOffset, c, to, cStride, begin, kept);
        }
        i += 8;
      } else if (!wide) {
        rows4x1(left, inner, a, at, aStride, panel, panelOffset, c, to, cStride, begin, kept);
        i += 4;
      } else if (left > 4) {
        rows6x2(left, inner, a, at, aStride, panel, panelOffset, c, to, cStride, begin, kept);
        i += 6;
      } else {
        rows4x2(left, inner, a, at, aStride, panel, panelOffset, c, to, cStride, begin, kept);
        i += 4;
      }
    }
  }

  /** See {@link Kernels#multiplyTransposed}. */
  static void multiplyTransposed(
      int rows,
      int width,
      int inner,
      float[] a,
      int aOffset,
      int aStride,
      float[] panel,
      int panelOffset,
      float[] c,
      int cOffset,
      int cStride,
      boolean accumulate) {
    float[] begin = accumulate ? c : ZEROS;
    int kept = accumulate ? -1 : 0;
    for (int i = 0; i < rows; i += ROWS) {
      int at = aOffset + i;
      int to = cOffset + i * cStride;
      int left = rows - i;
      if (width == 2 * LANES) {
        columns8x2(left, inner, a, at, aStride, panel, panelOffset, c, to, cStride, begin, kept);
      } else {
        columns8x1(left, inner, a, at, aStride, panel, panelOffset, c, to, cStride, begin, kept);
      }
    }
  }

  /** See {@link Kernels#descendTransposed}. */
  static void descendTransposed(
      int rows,
      int inner,
      float[] a,
      int aOffset,
      int aStride,
      float[] panel,
      int panelOffset,
      float[] c,
      int cOffset,
      int cStride,
      boolean accumulate,
      float[] theta,
      int thetaOffset,
      float[] step,
      int stepOffset,
      float scale,
      float shift) {
    float[] begin = accumulate ? c : ZEROS;
    int kept = accumulate ? -1 : 0;
    for (int i = 0; i < rows; i += ROWS) {
      int at = aOffset + i;
      int from = cOffset + i * cStride;
      int to = thetaOffset + i * 2 * LANES;
      int left = rows - i;
      if (left >= ROWS) {
        descent8x2(
            inner,
            a,
            at,
            aStride,
            panel,
            panelOffset,
            begin,
            kept & from,
            kept & cStride,
            theta,
            to,
            step,
            stepOffset,
            scale,
            shift);
      } else {
        columns8x2(left, inner, a, at, aStride, panel, panelOffset, c, from, cStride, begin, kept);
        subtract(left, c, from, cStride, theta, to, step, stepOffset, scale, shift);
      }
    }
  }

  // ---- rows of the left factor in place ----

  private static void rows8x2(
      int rows,
      int inner,
      float[] a,
      int aOffset,
      int aStride,
      float[] panel,
      int panelOffset,
      float[] c,
      int cOffset,
      int cStride,
      float[] begin,
      int kept) {
    int last = rows - 1;
    int a0 = aOffset;
    int a1 = aOffset + Math.min(1, last) * aStride;
    int a2 = aOffset + Math.min(2, last) * aStride;
    int a3 = aOffset + Math.min(3, last) * aStride;
    int a4 = aOffset + Math.min(4, last) * aStride;
    int a5 = aOffset + Math.min(5, last) * aStride;
    int a6 = aOffset + Math.min(6, last) * aStride;
    int a7 = aOffset + Math.min(7, last) * aStride;
    int to0 = cOffset;
    int to1 = cOffset + Math.min(1, last) * cStride;
    int to2 = cOffset + Math.min(2, last) * cStride;
    int to3 = cOffset + Math.min(3, last) * cStride;
    int to4 = cOffset + Math.min(4, last) * cStride;
    int to5 = cOffset + Math.min(5, last) * cStride;
    int to6 = cOffset + Math.min(6, last) * cStride;
    int to7 = cOffset + Math.min(7, last) * cStride;
    int from0 = kept & to0;
    FloatVector c00 = FloatVector.fromArray(SPECIES, begin, from0);
    FloatVector c01 = FloatVector.fromArray(SPECIES, begin, from0 + LANES);
    int from1 = kept & to1;
    FloatVector c10 = FloatVector.fromArray(SPECIES, begin, from1);
    FloatVector c11 = FloatVector.fromArray(SPECIES, begin, from1 + LANES);
    int from2 = kept & to2;
    FloatVector c20 = FloatVector.fromArray(SPECIES, begin, from2);
    FloatVector c21 = FloatVector.fromArray(SPECIES, begin, from2 + LANES);
    int from3 = kept & to3;
    FloatVector c30 = FloatVector.fromArray(SPECIES, begin, from3);
    FloatVector c31 = FloatVector.fromArray(SPECIES, begin, from3 + LANES);
    int from4 = kept & to4;
    FloatVector c40 = FloatVector.fromArray(SPECIES, begin, from4);
    FloatVector c41 = FloatVector.fromArray(SPECIES, begin, from4 + LANES);
    int from5 = kept & to5;
    FloatVector c50 = FloatVector.fromArray(SPECIES, begin, from5);
    FloatVector c51 = FloatVector.fromArray(SPECIES, begin, from5 + LANES);
    int from6 = kept & to6;
    FloatVector c60 = FloatVector.fromArray(SPECIES, begin, from6);
    FloatVector c61 = FloatVector.fromArray(SPECIES, begin, from6 + LANES);
    int from7 = kept & to7;
    FloatVector c70 = FloatVector.fromArray(SPECIES, begin, from7);
    FloatVector c71 = FloatVector.fromArray(SPECIES, begin, from7 + LANES);
    for (int k = 0; k < inner; k++) {
      int from = panelOffset + k * (2 * LANES);
      FloatVector b0 = FloatVector.fromArray(SPECIES, panel, from);
      FloatVector b1 = FloatVector.fromArray(SPECIES, panel, from + LANES);
      FloatVector f0 = FloatVector.broadcast(SPECIES, a[a0 + k]);
      c00 = b0.fma(f0, c00);
      c01 = b1.fma(f0, c01);
      FloatVector f1 = FloatVector.broadcast(SPECIES, a[a1 + k]);
      c10 = b0.fma(f1, c10);
      c11 = b1.fma(f1, c11);
      FloatVector f2 = FloatVector.broadcast(SPECIES, a[a2 + k]);
      c20 = b0.fma(f2, c20);
      c21 = b1.fma(f2, c21);
      FloatVector f3 = FloatVector.broadcast(SPECIES, a[a3 + k]);
      c30 = b0.fma(f3, c30);
      c31 = b1.fma(f3, c31);
      FloatVector f4 = FloatVector.broadcast(SPECIES, a[a4 + k]);
      c40 = b0.fma(f4, c40);
      c41 = b1.fma(f4, c41);
      FloatVector f5 = FloatVector.broadcast(SPECIES, a[a5 + k]);
      c50 = b0.fma(f5, c50);
      c51 = b1.fma(f5, c51);
      FloatVector f6 = FloatVector.broadcast(SPECIES, a[a6 + k]);
      c60 = b0.fma(f6, c60);
      c61 = b1.fma(f6, c61);
      FloatVector f7 = FloatVector.broadcast(SPECIES, a[a7 + k]);
      c70 = b0.fma(f7, c70);
      c71 = b1.fma(f7, c71);
    }
    c00.intoArray(c, to0);
    c01.intoArray(c, to0 + LANES);
    c10.intoArray(c, to1);
    c11.intoArray(c, to1 + LANES);
    c20.intoArray(c, to2);
    c21.intoArray(c, to2 + LANES);
    c30.intoArray(c, to3);
    c31.intoArray(c, to3 + LANES);
    c40.intoArray(c, to4);
    c41.intoArray(c, to4 + LANES);
    c50.intoArray(c, to5);
    c51.intoArray(c, to5 + LANES);
    c60.intoArray(c, to6);
    c61.intoArray(c, to6 + LANES);
    c70.intoArray(c, to7);
    c71.intoArray(c, to7 + LANES);
  }

  private static void rows8x1(
      int rows,
      int inner,
      float[] a,
      int aOffset,
      int aStride,
      float[] panel,
      int panelOffset,
      float[] c,
      int cOffset,
      int cStride,
      float[] begin,
      int kept) {
    int last = rows - 1;
    int a0 = aOffset;
    int a1 = aOffset + Math.min(1, last) * aStride;
    int a2 = aOffset + Math.min(2, last) * aStride;
    int a3 = aOffset + Math.min(3, last) * aStride;
    int a4 = aOffset + Math.min(4, last) * aStride;
    int a5 = aOffset + Math.min(5, last) * aStride;
    int a6 = aOffset + Math.min(6, last) * aStride;
    int a7 = aOffset + Math.min(7, last) * aStride;
    int to0 = cOffset;
    int to1 = cOffset + Math.min(1, last) * cStride;
    int to2 = cOffset + Math.min(2, last) * cStride;
    int to3 = cOffset + Math.min(3, last) * cStride;
    int to4 = cOffset + Math.min(4, last) * cStride;
    int to5 = cOffset + Math.min(5, last) * cStride;
    int to6 = cOffset + Math.min(6, last) * cStride;
    int to7 = cOffset + Math.min(7, last) * cStride;
    int from0 = kept & to0;
    FloatVector c00 = FloatVector.fromArray(SPECIES, begin, from0);
    int from1 = kept & to1;
    FloatVector c10 = FloatVector.fromArray(SPECIES, begin, from1);
    int from2 = kept & to2;
    FloatVector c20 = FloatVector.fromArray(SPECIES, begin, from2);
    int from3 = kept & to3;
    FloatVector c30 = FloatVector.fromArray(SPECIES, begin, from3);
    int from4 = kept & to4;
    FloatVector c40 = FloatVector.fromArray(SPECIES, begin, from4);
    int from5 = kept & to5;
    FloatVector c50 = FloatVector.fromArray(SPECIES, begin, from5);
    int from6 = kept & to6;
    FloatVector c60 = FloatVector.fromArray(SPECIES, begin, from6);
    int from7 = kept & to7;
    FloatVector c70 = FloatVector.fromArray(SPECIES, begin, from7);
    for (int k = 0; k < inner; k++) {
      int from = panelOffset + k * LANES;
      FloatVector b0 = FloatVector.fromArray(SPECIES, panel, from);
      FloatVector f0 = FloatVector.broadcast(SPECIES, a[a0 + k]);
      c00 = b0.fma(f0, c00);
      FloatVector f1 = FloatVector.broadcast(SPECIES, a[a1 + k]);
      c10 = b0.fma(f1, c10);
      FloatVector f2 = FloatVector.broadcast(SPECIES, a[a2 + k]);
      c20 = b0.fma(f2, c20);
      FloatVector f3 = FloatVector.broadcast(SPECIES, a[a3 + k]);
      c30 = b0.fma(f3, c30);
      FloatVector f4 = FloatVector.broadcast(SPECIES, a[a4 + k]);
      c40 = b0.fma(f4, c40);
      FloatVector f5 = FloatVector.broadcast(SPECIES, a[a5 + k]);
      c50 = b0.fma(f5, c50);
      FloatVector f6 = FloatVector.broadcast(SPECIES, a[a6 + k]);
      c60 = b0.fma(f6, c60);
      FloatVector f7 = FloatVector.broadcast(SPECIES, a[a7 + k]);
      c70 = b0.fma(f7, c70);
    }
    c00.intoArray(c, to0);
    c10.intoArray(c, to1);
    c20.intoArray(c, to2);
    c30.intoArray(c, to3);
    c40.intoArray(c, to4);
    c50.intoArray(c, to5);
    c60.intoArray(c, to6);
    c70.intoArray(c, to7);
  }

  private static void rows6x2(
      int rows,
      int inner,
      float[] a,
      int aOffset,
      int aStride,
      float[] panel,
      int panelOffset,
      float[] c,
      int cOffset,
      int cStride,
      float[] begin,
      int kept) {
    int last = rows - 1;
    int a0 = aOffset;
    int a1 = aOffset + Math.min(1, last) * aStride;
    int a2 = aOffset + Math.min(2, last) * aStride;
    int a3 = aOffset + Math.min(3, last) * aStride;
    int a4 = aOffset + Math.min(4, last) * aStride;
    int a5 = aOffset + Math.min(5, last) * aStride;
    int to0 = cOffset;
    int to1 = cOffset + Math.min(1, last) * cStride;
    int to2 = cOffset + Math.min(2, last) * cStride;
    int to3 = cOffset + Math.min(3, last) * cStride;
    int to4 = cOffset + Math.min(4, last) * cStride;
    int to5 = cOffset + Math.min(5, last) * cStride;
    int from0 = kept & to0;
    FloatVector c00 = FloatVector.fromArray(SPECIES, begin, from0);
    FloatVector c01 = FloatVector.fromArray(SPECIES, begin, from0 + LANES);
    int from1 = kept & to1;
    FloatVector c10 = FloatVector.fromArray(SPECIES, begin, from1);
    FloatVector c11 = FloatVector.fromArray(SPECIES, begin, from1 + LANES);
    int from2 = kept & to2;
    FloatVector c20 = FloatVector.fromArray(SPECIES, begin, from2);
    FloatVector c21 = FloatVector.fromArray(SPECIES, begin, from2 + LANES);
    int from3 = kept & to3;
    FloatVector c30 = FloatVector.fromArray(SPECIES, begin, from3);
    FloatVector c31 = FloatVector.fromArray(SPECIES, begin, from3 + LANES);
    int from4 = kept & to4;
    FloatVector c40 = FloatVector.fromArray(SPECIES, begin, from4);
    FloatVector c41 = FloatVector.fromArray(SPECIES, begin, from4 + LANES);
    int from5 = kept & to5;
    FloatVector c50 = FloatVector.fromArray(SPECIES, begin, from5);
    FloatVector c51 = FloatVector.fromArray(SPECIES, begin, from5 + LANES);
    for (int k = 0; k < inner; k++) {
      int from = panelOffset + k * (2 * LANES);
      FloatVector b0 = FloatVector.fromArray(SPECIES, panel, from);
      FloatVector b1 = FloatVector.fromArray(SPECIES, panel, from + LANES);
      FloatVector f0 = FloatVector.broadcast(SPECIES, a[a0 + k]);
      c00 = b0.fma(f0, c00);
      c01 = b1.fma(f0, c01);
      FloatVector f1 = FloatVector.broadcast(SPECIES, a[a1 + k]);
      c10 = b0.fma(f1, c10);
      c11 = b1.fma(f1, c11);
      FloatVector f2 = FloatVector.broadcast(SPECIES, a[a2 + k]);
      c20 = b0.fma(f2, c20);
      c21 = b1.fma(f2, c21);
      FloatVector f3 = FloatVector.broadcast(SPECIES, a[a3 + k]);
      c30 = b0.fma(f3, c30);
      c31 = b1.fma(f3, c31);
      FloatVector f4 = FloatVector.broadcast(SPECIES, a[a4 + k]);
      c40 = b0.fma(f4, c40);
      c41 = b1.fma(f4, c41);
      FloatVector f5 = FloatVector.broadcast(SPECIES, a[a5 + k]);
      c50 = b0.fma(f5, c50);
      c51 = b1.fma(f5, c51);
    }
    c00.intoArray(c, to0);
    c01.intoArray(c, to0 + LANES);
    c10.intoArray(c, to1);
    c11.intoArray(c, to1 + LANES);
    c20.intoArray(c, to2);
    c21.intoArray(c, to2 + LANES);
    c30.intoArray(c, to3);
    c31.intoArray(c, to3 + LANES);
    c40.intoArray(c, to4);
    c41.intoArray(c, to4 + LANES);
    c50.intoArray(c, to5);
    c51.intoArray(c, to5 + LANES);
  }

  private static void rows4x2(
      int rows,
      int inner,
      float[] a,
      int aOffset,
      int aStride,
      float[] panel,
      int panelOffset,
      float[] c,
      int cOffset,
      int cStride,
      float[] begin,
      int kept) {
    int last = rows - 1;
    int a0 = aOffset;
    int a1 = aOffset + Math.min(1, last) * aStride;
    int a2 = aOffset + Math.min(2, last) * aStride;
    int a3 = aOffset + Math.min(3, last) * aStride;
    int to0 = cOffset;
    int to1 = cOffset + Math.min(1, last) * cStride;
    int to2 = cOffset + Math.min(2, last) * cStride;
    int to3 = cOffset + Math.min(3, last) * cStride;
    int from0 = kept & to0;
    FloatVector c00 = FloatVector.fromArray(SPECIES, begin, from0);
    FloatVector c01 = FloatVector.fromArray(SPECIES, begin, from0 + LANES);
    int from1 = kept & to1;
    FloatVector c10 = FloatVector.fromArray(SPECIES, begin, from1);
    FloatVector c11 = FloatVector.fromArray(SPECIES, begin, from1 + LANES);
    int from2 = kept & to2;
    FloatVector c20 = FloatVector.fromArray(SPECIES, begin, from2);
    FloatVector c21 = FloatVector.fromArray(SPECIES, begin, from2 + LANES);
    int from3 = kept & to3;
    FloatVector c30 = FloatVector.fromArray(SPECIES, begin, from3);
    FloatVector c31 = FloatVector.fromArray(SPECIES, begin, from3 + LANES);
    for (int k = 0; k < inner; k++) {
      int from = panelOffset + k * (2 * LANES);
      FloatVector b0 = FloatVector.fromArray(SPECIES, panel, from);
      FloatVector b1 = FloatVector.fromArray(SPECIES, panel, from + LANES);
      FloatVector f0 = FloatVector.broadcast(SPECIES, a[a0 + k]);
      c00 = b0.fma(f0, c00);
      c01 = b1.fma(f0, c01);
      FloatVector f1 = FloatVector.broadcast(SPECIES, a[a1 + k]);
      c10 = b0.fma(f1, c10);
      c11 = b1.fma(f1, c11);
      FloatVector f2 = FloatVector.broadcast(SPECIES, a[a2 + k]);
      c20 = b0.fma(f2, c20);
      c21 = b1.fma(f2, c21);
      FloatVector f3 = FloatVector.broadcast(SPECIES, a[a3 + k]);
      c30 = b0.fma(f3, c30);
      c31 = b1.fma(f3, c31);
    }
    c00.intoArray(c, to0);
    c01.intoArray(c, to0 + LANES);
    c10.intoArray(c, to1);
    c11.intoArray(c, to1 + LANES);
    c20.intoArray(c, to2);
    c21.intoArray(c, to2 + LANES);
    c30.intoArray(c, to3);
    c31.intoArray(c, to3 + LANES);
  }

  private static void rows4x1(
      int rows,
      int inner,
      float[] a,
      int aOffset,
      int aStride,
      float[] panel,
      int panelOffset,
      float[] c,
      int cOffset,
      int cStride,
      float[] begin,
      int kept) {
    int last = rows - 1;
    int a0 = aOffset;
    int a1 = aOffset + Math.min(1, last) * aStride;
    int a2 = aOffset + Math.min(2, last) * aStride;
    int a3 = aOffset + Math.min(3, last) * aStride;
    int to0 = cOffset;
    int to1 = cOffset + Math.min(1, last) * cStride;
    int to2 = cOffset + Math.min(2, last) * cStride;
    int to3 = cOffset + Math.min(3, last) * cStride;
    int from0 = kept & to0;
    FloatVector c00 = FloatVector.fromArray(SPECIES, begin, from0);
    int from1 = kept & to1;
    FloatVector c10 = FloatVector.fromArray(SPECIES, begin, from1);
    int from2 = kept & to2;
    FloatVector c20 = FloatVector.fromArray(SPECIES, begin, from2);
    int from3 = kept & to3;
    FloatVector c30 = FloatVector.fromArray(SPECIES, begin, from3);
    for (int k = 0; k < inner; k++) {
      int from = panelOffset + k * LANES;
      FloatVector b0 = FloatVector.fromArray(SPECIES, panel, from);
      FloatVector f0 = FloatVector.broadcast(SPECIES, a[a0 + k]);
      c00 = b0.fma(f0, c00);
      FloatVector f1 = FloatVector.broadcast(SPECIES, a[a1 + k]);
      c10 = b0.fma(f1, c10);
      FloatVector f2 = FloatVector.broadcast(SPECIES, a[a2 + k]);
      c20 = b0.fma(f2, c20);
      FloatVector f3 = FloatVector.broadcast(SPECIES, a[a3 + k]);
      c30 = b0.fma(f3, c30);
    }
    c00.intoArray(c, to0);
    c10.intoArray(c, to1);
    c20.intoArray(c, to2);
    c30.intoArray(c, to3);
  }

  // ---- columns of a left factor that is transposed in memory: all elements of a tile are
  // adjacent,
  // which saves an address computation per row and a twelfth of the time ----

  /**
   * If fewer rows are left, those before are computed again, and written first to where the first
   * remaining one then goes.
   */
  private static void columns8x2(
      int rows,
      int inner,
      float[] a,
      int aOffset,
      int aStride,
      float[] panel,
      int panelOffset,
      float[] c,
      int cOffset,
      int cStride,
      float[] begin,
      int kept) {
    int again = 8 - Math.min(8, rows);
    int to0 = cOffset;
    int to1 = cOffset + Math.max(0, 1 - again) * cStride;
    int to2 = cOffset + Math.max(0, 2 - again) * cStride;
    int to3 = cOffset + Math.max(0, 3 - again) * cStride;
    int to4 = cOffset + Math.max(0, 4 - again) * cStride;
    int to5 = cOffset + Math.max(0, 5 - again) * cStride;
    int to6 = cOffset + Math.max(0, 6 - again) * cStride;
    int to7 = cOffset + Math.max(0, 7 - again) * cStride;
    int from0 = kept & to0;
    FloatVector c00 = FloatVector.fromArray(SPECIES, begin, from0);
    FloatVector c01 = FloatVector.fromArray(SPECIES, begin, from0 + LANES);
    int from1 = kept & to1;
    FloatVector c10 = FloatVector.fromArray(SPECIES, begin, from1);
    FloatVector c11 = FloatVector.fromArray(SPECIES, begin, from1 + LANES);
    int from2 = kept & to2;
    FloatVector c20 = FloatVector.fromArray(SPECIES, begin, from2);
    FloatVector c21 = FloatVector.fromArray(SPECIES, begin, from2 + LANES);
    int from3 = kept & to3;
    FloatVector c30 = FloatVector.fromArray(SPECIES, begin, from3);
    FloatVector c31 = FloatVector.fromArray(SPECIES, begin, from3 + LANES);
    int from4 = kept & to4;
    FloatVector c40 = FloatVector.fromArray(SPECIES, begin, from4);
    FloatVector c41 = FloatVector.fromArray(SPECIES, begin, from4 + LANES);
    int from5 = kept & to5;
    FloatVector c50 = FloatVector.fromArray(SPECIES, begin, from5);
    FloatVector c51 = FloatVector.fromArray(SPECIES, begin, from5 + LANES);
    int from6 = kept & to6;
    FloatVector c60 = FloatVector.fromArray(SPECIES, begin, from6);
    FloatVector c61 = FloatVector.fromArray(SPECIES, begin, from6 + LANES);
    int from7 = kept & to7;
    FloatVector c70 = FloatVector.fromArray(SPECIES, begin, from7);
    FloatVector c71 = FloatVector.fromArray(SPECIES, begin, from7 + LANES);
    int first = aOffset - again;
    for (int k = 0; k < inner; k++) {
      int at = first + k * aStride;
      int from = panelOffset + k * (2 * LANES);
      FloatVector b0 = FloatVector.fromArray(SPECIES, panel, from);
      FloatVector b1 = FloatVector.fromArray(SPECIES, panel, from + LANES);
      FloatVector f0 = FloatVector.broadcast(SPECIES, a[at]);
      c00 = b0.fma(f0, c00);
      c01 = b1.fma(f0, c01);
      FloatVector f1 = FloatVector.broadcast(SPECIES, a[at + 1]);
      c10 = b0.fma(f1, c10);
      c11 = b1.fma(f1, c11);
      FloatVector f2 = FloatVector.broadcast(SPECIES, a[at + 2]);
      c20 = b0.fma(f2, c20);
      c21 = b1.fma(f2, c21);
      FloatVector f3 = FloatVector.broadcast(SPECIES, a[at + 3]);
      c30 = b0.fma(f3, c30);
      c31 = b1.fma(f3, c31);
      FloatVector f4 = FloatVector.broadcast(SPECIES, a[at + 4]);
      c40 = b0.fma(f4, c40);
      c41 = b1.fma(f4, c41);
      FloatVector f5 = FloatVector.broadcast(SPECIES, a[at + 5]);
      c50 = b0.fma(f5, c50);
      c51 = b1.fma(f5, c51);
      FloatVector f6 = FloatVector.broadcast(SPECIES, a[at + 6]);
      c60 = b0.fma(f6, c60);
      c61 = b1.fma(f6, c61);
      FloatVector f7 = FloatVector.broadcast(SPECIES, a[at + 7]);
      c70 = b0.fma(f7, c70);
      c71 = b1.fma(f7, c71);
    }
    c00.intoArray(c, to0);
    c01.intoArray(c, to0 + LANES);
    c10.intoArray(c, to1);
    c11.intoArray(c, to1 + LANES);
    c20.intoArray(c, to2);
    c21.intoArray(c, to2 + LANES);
    c30.intoArray(c, to3);
    c31.intoArray(c, to3 + LANES);
    c40.intoArray(c, to4);
    c41.intoArray(c, to4 + LANES);
    c50.intoArray(c, to5);
    c51.intoArray(c, to5 + LANES);
    c60.intoArray(c, to6);
    c61.intoArray(c, to6 + LANES);
    c70.intoArray(c, to7);
    c71.intoArray(c, to7 + LANES);
  }

  private static void columns8x1(
      int rows,
      int inner,
      float[] a,
      int aOffset,
      int aStride,
      float[] panel,
      int panelOffset,
      float[] c,
      int cOffset,
      int cStride,
      float[] begin,
      int kept) {
    int again = 8 - Math.min(8, rows);
    int to0 = cOffset;
    int to1 = cOffset + Math.max(0, 1 - again) * cStride;
    int to2 = cOffset + Math.max(0, 2 - again) * cStride;
    int to3 = cOffset + Math.max(0, 3 - again) * cStride;
    int to4 = cOffset + Math.max(0, 4 - again) * cStride;
    int to5 = cOffset + Math.max(0, 5 - again) * cStride;
    int to6 = cOffset + Math.max(0, 6 - again) * cStride;
    int to7 = cOffset + Math.max(0, 7 - again) * cStride;
    int from0 = kept & to0;
    FloatVector c00 = FloatVector.fromArray(SPECIES, begin, from0);
    int from1 = kept & to1;
    FloatVector c10 = FloatVector.fromArray(SPECIES, begin, from1);
    int from2 = kept & to2;
    FloatVector c20 = FloatVector.fromArray(SPECIES, begin, from2);
    int from3 = kept & to3;
    FloatVector c30 = FloatVector.fromArray(SPECIES, begin, from3);
    int from4 = kept & to4;
    FloatVector c40 = FloatVector.fromArray(SPECIES, begin, from4);
    int from5 = kept & to5;
    FloatVector c50 = FloatVector.fromArray(SPECIES, begin, from5);
    int from6 = kept & to6;
    FloatVector c60 = FloatVector.fromArray(SPECIES, begin, from6);
    int from7 = kept & to7;
    FloatVector c70 = FloatVector.fromArray(SPECIES, begin, from7);
    int first = aOffset - again;
    for (int k = 0; k < inner; k++) {
      int at = first + k * aStride;
      int from = panelOffset + k * LANES;
      FloatVector b0 = FloatVector.fromArray(SPECIES, panel, from);
      FloatVector f0 = FloatVector.broadcast(SPECIES, a[at]);
      c00 = b0.fma(f0, c00);
      FloatVector f1 = FloatVector.broadcast(SPECIES, a[at + 1]);
      c10 = b0.fma(f1, c10);
      FloatVector f2 = FloatVector.broadcast(SPECIES, a[at + 2]);
      c20 = b0.fma(f2, c20);
      FloatVector f3 = FloatVector.broadcast(SPECIES, a[at + 3]);
      c30 = b0.fma(f3, c30);
      FloatVector f4 = FloatVector.broadcast(SPECIES, a[at + 4]);
      c40 = b0.fma(f4, c40);
      FloatVector f5 = FloatVector.broadcast(SPECIES, a[at + 5]);
      c50 = b0.fma(f5, c50);
      FloatVector f6 = FloatVector.broadcast(SPECIES, a[at + 6]);
      c60 = b0.fma(f6, c60);
      FloatVector f7 = FloatVector.broadcast(SPECIES, a[at + 7]);
      c70 = b0.fma(f7, c70);
    }
    c00.intoArray(c, to0);
    c10.intoArray(c, to1);
    c20.intoArray(c, to2);
    c30.intoArray(c, to3);
    c40.intoArray(c, to4);
    c50.intoArray(c, to5);
    c60.intoArray(c, to6);
    c70.intoArray(c, to7);
  }

  // ---- columns, subtracted from parameters in a panel ----

  private static void descent8x2(
      int inner,
      float[] a,
      int aOffset,
      int aStride,
      float[] panel,
      int panelOffset,
      float[] begin,
      int from,
      int stride,
      float[] theta,
      int thetaOffset,
      float[] step,
      int stepOffset,
      float scale,
      float shift) {
    FloatVector c00 = FloatVector.fromArray(SPECIES, begin, from);
    FloatVector c01 = FloatVector.fromArray(SPECIES, begin, from + LANES);
    int from1 = from + stride;
    FloatVector c10 = FloatVector.fromArray(SPECIES, begin, from1);
    FloatVector c11 = FloatVector.fromArray(SPECIES, begin, from1 + LANES);
    int from2 = from + 2 * stride;
    FloatVector c20 = FloatVector.fromArray(SPECIES, begin, from2);
    FloatVector c21 = FloatVector.fromArray(SPECIES, begin, from2 + LANES);
    int from3 = from + 3 * stride;
    FloatVector c30 = FloatVector.fromArray(SPECIES, begin, from3);
    FloatVector c31 = FloatVector.fromArray(SPECIES, begin, from3 + LANES);
    int from4 = from + 4 * stride;
    FloatVector c40 = FloatVector.fromArray(SPECIES, begin, from4);
    FloatVector c41 = FloatVector.fromArray(SPECIES, begin, from4 + LANES);
    int from5 = from + 5 * stride;
    FloatVector c50 = FloatVector.fromArray(SPECIES, begin, from5);
    FloatVector c51 = FloatVector.fromArray(SPECIES, begin, from5 + LANES);
    int from6 = from + 6 * stride;
    FloatVector c60 = FloatVector.fromArray(SPECIES, begin, from6);
    FloatVector c61 = FloatVector.fromArray(SPECIES, begin, from6 + LANES);
    int from7 = from + 7 * stride;
    FloatVector c70 = FloatVector.fromArray(SPECIES, begin, from7);
    FloatVector c71 = FloatVector.fromArray(SPECIES, begin, from7 + LANES);
    for (int k = 0; k < inner; k++) {
      int at = aOffset + k * aStride;
      int b = panelOffset + k * (2 * LANES);
      FloatVector b0 = FloatVector.fromArray(SPECIES, panel, b);
      FloatVector b1 = FloatVector.fromArray(SPECIES, panel, b + LANES);
      FloatVector f0 = FloatVector.broadcast(SPECIES, a[at]);
      c00 = b0.fma(f0, c00);
      c01 = b1.fma(f0, c01);
      FloatVector f1 = FloatVector.broadcast(SPECIES, a[at + 1]);
      c10 = b0.fma(f1, c10);
      c11 = b1.fma(f1, c11);
      FloatVector f2 = FloatVector.broadcast(SPECIES, a[at + 2]);
      c20 = b0.fma(f2, c20);
      c21 = b1.fma(f2, c21);
      FloatVector f3 = FloatVector.broadcast(SPECIES, a[at + 3]);
      c30 = b0.fma(f3, c30);
      c31 = b1.fma(f3, c31);
      FloatVector f4 = FloatVector.broadcast(SPECIES, a[at + 4]);
      c40 = b0.fma(f4, c40);
      c41 = b1.fma(f4, c41);
      FloatVector f5 = FloatVector.broadcast(SPECIES, a[at + 5]);
      c50 = b0.fma(f5, c50);
      c51 = b1.fma(f5, c51);
      FloatVector f6 = FloatVector.broadcast(SPECIES, a[at + 6]);
      c60 = b0.fma(f6, c60);
      c61 = b1.fma(f6, c61);
      FloatVector f7 = FloatVector.broadcast(SPECIES, a[at + 7]);
      c70 = b0.fma(f7, c70);
      c71 = b1.fma(f7, c71);
    }
    FloatVector step0 = FloatVector.fromArray(SPECIES, step, stepOffset);
    FloatVector step1 = FloatVector.fromArray(SPECIES, step, stepOffset + LANES);
    FloatVector scales = FloatVector.broadcast(SPECIES, scale);
    FloatVector shifts = FloatVector.broadcast(SPECIES, shift);
    int to = thetaOffset;
    FloatVector t00 = FloatVector.fromArray(SPECIES, theta, to);
    t00.sub(c00.mul(t00.fma(scales, shifts)).mul(step0)).intoArray(theta, to);
    FloatVector t01 = FloatVector.fromArray(SPECIES, theta, to + LANES);
    t01.sub(c01.mul(t01.fma(scales, shifts)).mul(step1)).intoArray(theta, to + LANES);
    to += 2 * LANES;
    FloatVector t10 = FloatVector.fromArray(SPECIES, theta, to);
    t10.sub(c10.mul(t10.fma(scales, shifts)).mul(step0)).intoArray(theta, to);
    FloatVector t11 = FloatVector.fromArray(SPECIES, theta, to + LANES);
    t11.sub(c11.mul(t11.fma(scales, shifts)).mul(step1)).intoArray(theta, to + LANES);
    to += 2 * LANES;
    FloatVector t20 = FloatVector.fromArray(SPECIES, theta, to);
    t20.sub(c20.mul(t20.fma(scales, shifts)).mul(step0)).intoArray(theta, to);
    FloatVector t21 = FloatVector.fromArray(SPECIES, theta, to + LANES);
    t21.sub(c21.mul(t21.fma(scales, shifts)).mul(step1)).intoArray(theta, to + LANES);
    to += 2 * LANES;
    FloatVector t30 = FloatVector.fromArray(SPECIES, theta, to);
    t30.sub(c30.mul(t30.fma(scales, shifts)).mul(step0)).intoArray(theta, to);
    FloatVector t31 = FloatVector.fromArray(SPECIES, theta, to + LANES);
    t31.sub(c31.mul(t31.fma(scales, shifts)).mul(step1)).intoArray(theta, to + LANES);
    to += 2 * LANES;
    FloatVector t40 = FloatVector.fromArray(SPECIES, theta, to);
    t40.sub(c40.mul(t40.fma(scales, shifts)).mul(step0)).intoArray(theta, to);
    FloatVector t41 = FloatVector.fromArray(SPECIES, theta, to + LANES);
    t41.sub(c41.mul(t41.fma(scales, shifts)).mul(step1)).intoArray(theta, to + LANES);
    to += 2 * LANES;
    FloatVector t50 = FloatVector.fromArray(SPECIES, theta, to);
    t50.sub(c50.mul(t50.fma(scales, shifts)).mul(step0)).intoArray(theta, to);
    FloatVector t51 = FloatVector.fromArray(SPECIES, theta, to + LANES);
    t51.sub(c51.mul(t51.fma(scales, shifts)).mul(step1)).intoArray(theta, to + LANES);
    to += 2 * LANES;
    FloatVector t60 = FloatVector.fromArray(SPECIES, theta, to);
    t60.sub(c60.mul(t60.fma(scales, shifts)).mul(step0)).intoArray(theta, to);
    FloatVector t61 = FloatVector.fromArray(SPECIES, theta, to + LANES);
    t61.sub(c61.mul(t61.fma(scales, shifts)).mul(step1)).intoArray(theta, to + LANES);
    to += 2 * LANES;
    FloatVector t70 = FloatVector.fromArray(SPECIES, theta, to);
    t70.sub(c70.mul(t70.fma(scales, shifts)).mul(step0)).intoArray(theta, to);
    FloatVector t71 = FloatVector.fromArray(SPECIES, theta, to + LANES);
    t71.sub(c71.mul(t71.fma(scales, shifts)).mul(step1)).intoArray(theta, to + LANES);
  }

  /** Subtracts gradients stored in c. */
  private static void subtract(
      int rows,
      float[] c,
      int cOffset,
      int cStride,
      float[] theta,
      int thetaOffset,
      float[] step,
      int stepOffset,
      float scale,
      float shift) {
    FloatVector step0 = FloatVector.fromArray(SPECIES, step, stepOffset);
    FloatVector step1 = FloatVector.fromArray(SPECIES, step, stepOffset + LANES);
    FloatVector scales = FloatVector.broadcast(SPECIES, scale);
    FloatVector shifts = FloatVector.broadcast(SPECIES, shift);
    for (int i = 0; i < rows; i++) {
      int from = cOffset + i * cStride;
      int to = thetaOffset + i * 2 * LANES;
      FloatVector g0 = FloatVector.fromArray(SPECIES, c, from);
      FloatVector t0 = FloatVector.fromArray(SPECIES, theta, to);
      t0.sub(g0.mul(t0.fma(scales, shifts)).mul(step0)).intoArray(theta, to);
      FloatVector g1 = FloatVector.fromArray(SPECIES, c, from + LANES);
      FloatVector t1 = FloatVector.fromArray(SPECIES, theta, to + LANES);
      t1.sub(g1.mul(t1.fma(scales, shifts)).mul(step1)).intoArray(theta, to + LANES);
    }
  }
}
