package io.measureflow.simd.product;

import static io.measureflow.simd.product.PanelMemory.ALL;

import java.lang.foreign.ValueLayout;

/**
 * Products by scalar loops, for a JVM without vectors: the same tiles, a vector being one block of
 * lanes.
 */
final class ScalarProductKernels implements ProductKernels {

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private static final int LANES = 8;

  private static final int ROWS = 8;

  ScalarProductKernels() {}

  @Override
  public int lanes() {
    return LANES;
  }

  @Override
  public int tileRows() {
    return ROWS;
  }

  @Override
  public int panelWidth() {
    return LANES;
  }

  @Override
  public void multiply(
      int rows,
      int vectors,
      int depth,
      float[] a,
      int from,
      long panel,
      float[] begin,
      int at,
      int step,
      float[] c,
      int to,
      int stride) {
    for (int i = 0; i < rows; i += 2) {
      int row = from + i * ProductPlan.ROW_STRIDE;
      int start = at + i * step;
      int write = to + i * stride;
      for (int j = 0; j < LANES; j += 2) {
        float c00 = begin[start + j];
        float c01 = begin[start + j + 1];
        float c10 = begin[start + step + j];
        float c11 = begin[start + step + j + 1];
        long q = panel + 4L * j;
        for (int k = 0; k < depth; k++) {
          float b0 = ALL.get(FLOAT, q);
          float b1 = ALL.get(FLOAT, q + 4);
          float a0 = a[row + k];
          float a1 = a[row + ProductPlan.ROW_STRIDE + k];
          c00 += a0 * b0;
          c01 += a0 * b1;
          c10 += a1 * b0;
          c11 += a1 * b1;
          q += 4 * LANES;
        }
        c[write + j] = c00;
        c[write + j + 1] = c01;
        c[write + stride + j] = c10;
        c[write + stride + j + 1] = c11;
      }
    }
  }

  @Override
  public void packRows(
      float[] source,
      int from,
      int stride,
      int depth,
      int columns,
      Prologue prologue,
      long panel,
      float[] own) {
    pack(source, from, stride, 1, depth, columns, prologue, panel, own);
  }

  @Override
  public void packColumns(
      float[] source,
      int from,
      int stride,
      int depth,
      int columns,
      Prologue prologue,
      long panel,
      float[] own) {
    pack(source, from, 1, stride, depth, columns, prologue, panel, own);
  }

  @Override
  public void packSquares(long panel, int count, boolean flushes, long squares) {
    for (long at = 0; at < 4L * count; at += 4) {
      float x = ALL.get(FLOAT, panel + at);
      float y = x * x;
      ALL.set(FLOAT, squares + at, flushes && y < Prologue.TINY ? 0 : y);
    }
  }

  private static void pack(
      float[] source,
      int from,
      int rowStride,
      int columnStride,
      int depth,
      int columns,
      Prologue prologue,
      long panel,
      float[] own) {
    for (int k = 0; k < ProductKernels.padded(depth); k++) {
      for (int j = 0; j < LANES; j++) {
        boolean inside = k < depth && j < columns;
        own[j] = inside ? source[from + k * rowStride + j * columnStride] : 0;
      }
      prologue.apply(own, 0, LANES);
      for (int j = 0; j < LANES; j++) {
        ALL.set(FLOAT, panel + 4L * (k * LANES + j), own[j]);
      }
    }
  }
}
