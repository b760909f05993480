package io.measureflow.simd.product;

import static io.measureflow.simd.product.PanelMemory.ALL;
import static io.measureflow.simd.product.PanelMemory.ORDER;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Products by the Vector API. */
final class VectorProductKernels implements ProductKernels {

  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();
  private static final long BYTES = 4L * LANES;

  /** Whether there are 32 registers of vectors: with AVX-512, and on all of AArch64. */
  private static final boolean MANY_REGISTERS =
      LANES == 16 || System.getProperty("os.arch", "").equals("aarch64");

  private static final int ROWS = MANY_REGISTERS ? 8 : 6;

  private static final int VECTORS = MANY_REGISTERS ? 3 : 2;

  private static final FloatVector TINY = FloatVector.broadcast(S, Prologue.TINY);

  /** What k never is; not a constant, or C2 would know. */
  private static int never = Integer.MIN_VALUE;

  VectorProductKernels() {}

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
    return VECTORS * LANES;
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
    int no = never;
    switch (rows * 4 + vectors) {
      case 8 * 4 + 3 ->
          VectorTiles.tile8x3(depth, a, from, panel, begin, at, step, c, to, stride, no);
      case 8 * 4 + 2 ->
          VectorTiles.tile8x2(depth, a, from, panel, begin, at, step, c, to, stride, no);
      case 8 * 4 + 1 ->
          VectorTiles.tile8x1(depth, a, from, panel, begin, at, step, c, to, stride, no);
      case 6 * 4 + 2 ->
          VectorTiles.tile6x2(depth, a, from, panel, begin, at, step, c, to, stride, no);
      case 6 * 4 + 1 ->
          VectorTiles.tile6x1(depth, a, from, panel, begin, at, step, c, to, stride, no);
      case 4 * 4 + 3 ->
          VectorTiles.tile4x3(depth, a, from, panel, begin, at, step, c, to, stride, no);
      case 4 * 4 + 2 ->
          VectorTiles.tile4x2(depth, a, from, panel, begin, at, step, c, to, stride, no);
      case 4 * 4 + 1 ->
          VectorTiles.tile4x1(depth, a, from, panel, begin, at, step, c, to, stride, no);
      default ->
          throw new IllegalArgumentException(
              "expected a shape of tile, found " + rows + " x " + vectors);
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
    int vectors = vectors(columns);
    int padded = ProductKernels.padded(depth);
    if (columns == vectors * LANES) {
      for (int v = 0; v < vectors; v++) {
        pack(
            source,
            from + v * LANES,
            stride,
            depth,
            prologue,
            at(panel, v, padded),
            step(v, vectors));
      }
    } else {
      // The last columns by way of own memory, where there is room behind them.
      int width = vectors * LANES;
      for (int k = 0; k < depth; k += PACKED_ROWS) {
        int some = Math.min(PACKED_ROWS, depth - k);
        for (int i = 0; i < some; i++) {
          int row = from + (k + i) * stride;
          for (int j = 0; j < columns; j++) {
            own[i * width + j] = source[row + j];
          }
          for (int j = columns; j < width; j++) {
            own[i * width + j] = 0;
          }
        }
        packOwn(own, some, k, prologue, vectors, padded, panel);
      }
    }
    zero(depth, padded, vectors, panel);
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
    int vectors = vectors(columns);
    int padded = ProductKernels.padded(depth);
    int width = vectors * LANES;
    for (int k = 0; k < depth; k += PACKED_ROWS) {
      int some = Math.min(PACKED_ROWS, depth - k);
      if (columns < width) {
        for (int i = 0; i < some; i++) {
          for (int j = columns; j < width; j++) {
            own[i * width + j] = 0;
          }
        }
      }
      transpose(source, from + k, stride, columns, some, own, 0, width);
      packOwn(own, some, k, prologue, vectors, padded, panel);
    }
    zero(depth, padded, vectors, panel);
  }

  @Override
  public void transpose(
      float[] source,
      int from,
      int stride,
      int rows,
      int columns,
      float[] target,
      int to,
      int step) {
    if (rows < LANES || columns < LANES) {
      ProductKernels.super.transpose(source, from, stride, rows, columns, target, to, step);
      return;
    }
    int whole = columns - columns % LANES;
    for (int i = 0; i < rows; i += LANES) {
      // The last squares overlap those before them.
      int row = Math.min(i, rows - LANES);
      int at = from + row * stride;
      int write = to + row;
      VectorSquares.transpose(LANES, source, at, stride, whole, target, write, step);
      if (whole < columns) {
        int last = columns - LANES;
        VectorSquares.transpose(
            LANES, source, at + last, stride, LANES, target, write + last * step, step);
      }
    }
  }

  /** Packs rows {@code first} to {@code first + some} of a panel from own memory. */
  private static void packOwn(
      float[] own, int some, int first, Prologue prologue, int vectors, int padded, long panel) {
    for (int v = 0; v < vectors; v++) {
      long step = step(v, vectors);
      pack(
          own,
          v * LANES,
          vectors * LANES,
          some,
          prologue,
          at(panel, v, padded) + first * step,
          step);
    }
  }

  /** Packs a column of vectors. */
  private static void pack(
      float[] source, int from, int stride, int depth, Prologue prologue, long to, long step) {
    switch (prologue) {
      case COPY -> {
        int at = from;
        long q = to;
        for (int k = 0; k < depth; k++) {
          FloatVector.fromArray(S, source, at).intoMemorySegment(ALL, q, ORDER);
          at += stride;
          q += step;
        }
      }
      case SQUARE, FLUSH, SQUARE_AND_FLUSH -> {
        boolean squares = prologue.squares();
        boolean flushes = prologue.flushes();
        int at = from;
        long q = to;
        for (int k = 0; k < depth; k++) {
          FloatVector x = FloatVector.fromArray(S, source, at);
          FloatVector y = squares ? x.mul(x) : x;
          if (flushes) {
            y = y.blend(0, y.abs().lt(TINY));
          }
          y.intoMemorySegment(ALL, q, ORDER);
          at += stride;
          q += step;
        }
      }
    }
  }

  @Override
  public void packSquares(long panel, int count, boolean flushes, long squares) {
    long bytes = count * (long) Float.BYTES;
    for (long at = 0; at < bytes; at += BYTES) {
      FloatVector x = FloatVector.fromMemorySegment(S, ALL, panel + at, ORDER);
      FloatVector y = x.mul(x);
      if (flushes) {
        y = y.blend(0, y.lt(TINY));
      }
      y.intoMemorySegment(ALL, squares + at, ORDER);
    }
  }

  private static void zero(int depth, int padded, int vectors, long panel) {
    for (int k = depth; k < padded; k++) {
      for (int v = 0; v < vectors; v++) {
        FloatVector.zero(S)
            .intoMemorySegment(ALL, at(panel, v, padded) + k * step(v, vectors), ORDER);
      }
    }
  }

  /** Returns the address of a vector of the first row. */
  private static long at(long panel, int v, int padded) {
    return panel + BYTES * (v == 2 ? 2L * padded : v);
  }

  /** Returns the distance between a vector and that of the next row. */
  private static long step(int v, int vectors) {
    return BYTES * (v == 2 ? 1 : Math.min(vectors, 2));
  }
}
