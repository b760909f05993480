package io.measureflow.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Products of matrices, or of each pair in two stacks. A transposed factor is read with swapped
 * strides, without a copy; the factors of a variance product are squared while they are read.
 */
final class ProductKernels {

  /** The edge length of a tile. */
  static final int TILE = 32;

  /** Work items per tile in {@link #tiled}; each computes a 2 x 2 part of it. */
  static final int GROUP = 256;

  /** The terms of the sums that {@link #blocks} processes at a time: 16 KiB of the right factor. */
  private static final int DEPTH = 128;

  /** The rows that {@link #blocks} processes together. */
  private static final int STRIP = 4;

  private ProductKernels() {}

  /**
   * One factor of a product.
   *
   * @param offset the offset of the first matrix
   * @param rowStride the distance between rows
   * @param columnStride the distance between columns
   * @param matrixStride the distance between matrices of a stack
   */
  record Factor(int offset, int rowStride, int columnStride, int matrixStride) {}

  /** Returns the parameters of count products of rows x inner and inner x columns. */
  static int[] parameters(
      int count, int rows, int columns, int inner, Factor a, Factor b, int out, boolean square) {
    return new int[] {
      count,
      rows,
      columns,
      inner,
      a.offset,
      a.rowStride,
      a.columnStride,
      a.matrixStride,
      b.offset,
      b.rowStride,
      b.columnStride,
      b.matrixStride,
      out,
      square ? 1 : 0
    };
  }

  /** Returns the number of tiles of all products. */
  static long tiles(int count, int rows, int columns) {
    return (long) count * Math.ceilDiv(rows, TILE) * Math.ceilDiv(columns, TILE);
  }

  /** For accelerators: a group of {@value #GROUP} work items per tile, through local memory. */
  static void tiled(KernelContext c, IntArray p, FloatArray m) {
    tiles(c, p, m, c.groupIdx, c.globalGroupSizeX / c.localGroupSizeX, c.localIdx);
  }

  static void tiles(KernelContext c, IntArray p, FloatArray m, int group, int groups, int local) {
    float[] left = c.allocateFloatLocalArray(TILE * TILE);
    float[] right = c.allocateFloatLocalArray(TILE * TILE);
    int rows = p.get(1);
    int columns = p.get(2);
    int inner = p.get(3);
    int aRow = p.get(5);
    int aColumn = p.get(6);
    int bRow = p.get(9);
    int bColumn = p.get(10);
    boolean square = p.get(13) == 1;
    int across = (columns + TILE - 1) / TILE;
    int perMatrix = (rows + TILE - 1) / TILE * across;
    int y = local / 16;
    int x = local - y * 16;
    for (int tile = group; tile < p.get(0) * perMatrix; tile += groups) {
      int matrix = tile / perMatrix;
      int within = tile - matrix * perMatrix;
      int row = within / across * TILE;
      int column = (within - within / across * across) * TILE;
      int a = p.get(4) + matrix * p.get(7);
      int b = p.get(8) + matrix * p.get(11);
      float s00 = 0;
      float s01 = 0;
      float s10 = 0;
      float s11 = 0;
      for (int k0 = 0; k0 < inner; k0 += TILE) {
        for (int e = local; e < TILE * TILE; e += GROUP) {
          // Neighbouring work items read along the dimension with contiguous elements.
          int major = e / TILE;
          int minor = e - major * TILE;
          int i = aColumn == 1 ? major : minor;
          int k = aColumn == 1 ? minor : major;
          float value = 0;
          if (row + i < rows && k0 + k < inner) {
            value = m.get(a + (row + i) * aRow + (k0 + k) * aColumn);
          }
          left[k * TILE + i] = square ? value * value : value;
          int j = bColumn == 1 ? minor : major;
          k = bColumn == 1 ? major : minor;
          value = 0;
          if (column + j < columns && k0 + k < inner) {
            value = m.get(b + (k0 + k) * bRow + (column + j) * bColumn);
          }
          right[k * TILE + j] = square ? value * value : value;
        }
        c.localBarrier();
        for (int k = 0; k < TILE; k++) {
          float a0 = left[k * TILE + y];
          float a1 = left[k * TILE + y + 16];
          float b0 = right[k * TILE + x];
          float b1 = right[k * TILE + x + 16];
          s00 += a0 * b0;
          s01 += a0 * b1;
          s10 += a1 * b0;
          s11 += a1 * b1;
        }
        c.localBarrier();
      }
      int i = row + y;
      int j = column + x;
      int out = p.get(12) + matrix * rows * columns + i * columns + j;
      if (i < rows && j < columns) {
        m.set(out, s00);
      }
      if (i < rows && j + 16 < columns) {
        m.set(out + 16, s01);
      }
      if (i + 16 < rows && j < columns) {
        m.set(out + 16 * columns, s10);
      }
      if (i + 16 < rows && j + 16 < columns) {
        m.set(out + 16 * columns + 16, s11);
      }
    }
  }

  /**
   * For processors: one work item per tile. It first copies the right factor to contiguous memory,
   * so that the innermost loop runs over 32 consecutive numbers and becomes vector instructions.
   */
  static void blocks(KernelContext c, IntArray p, FloatArray m) {
    // All in one method: writes to local memory that is passed to another method are lost.
    float[] panel = c.allocateFloatLocalArray(TILE * DEPTH);
    float[] sums = c.allocateFloatLocalArray(STRIP * TILE);
    int rows = p.get(1);
    int columns = p.get(2);
    int inner = p.get(3);
    int aRow = p.get(5);
    int aColumn = p.get(6);
    int bRow = p.get(9);
    int bColumn = p.get(10);
    int square = p.get(13);
    int across = (columns + TILE - 1) / TILE;
    int perMatrix = (rows + TILE - 1) / TILE * across;
    int limit = inner > 0 ? inner : 1;
    // In plain Java, without a device, there are no work items, and this loop processes everything.
    int step = c.globalGroupSizeX > 0 ? c.globalGroupSizeX : 1;
    for (int tile = c.globalIdx; tile < p.get(0) * perMatrix; tile += step) {
      int matrix = tile / perMatrix;
      int within = tile - matrix * perMatrix;
      int row = within / across * TILE;
      int column = (within - within / across * across) * TILE;
      int a = p.get(4) + matrix * p.get(7) + row * aRow;
      int b = p.get(8) + matrix * p.get(11) + column * bColumn;
      int out = p.get(12) + matrix * rows * columns + row * columns + column;
      int height = rows - row < TILE ? rows - row : TILE;
      int width = columns - column < TILE ? columns - column : TILE;
      // At least once, to write zeros if there are no terms. A condition with "or" here becomes an
      // endless loop on the device.
      for (int k0 = 0; k0 < limit; k0 += DEPTH) {
        int depth = inner - k0 < DEPTH ? inner - k0 : DEPTH;
        if (bColumn == 1) {
          for (int k = 0; k < depth; k++) {
            for (int j = 0; j < width; j++) {
              panel[k * TILE + j] = m.get(b + (k0 + k) * bRow + j);
            }
          }
        } else {
          for (int j = 0; j < width; j++) {
            for (int k = 0; k < depth; k++) {
              panel[k * TILE + j] = m.get(b + (k0 + k) * bRow + j * bColumn);
            }
          }
        }
        for (int k = 0; k < depth; k++) {
          for (int j = width; j < TILE; j++) {
            panel[k * TILE + j] = 0;
          }
        }
        if (square == 1) {
          for (int e = 0; e < depth * TILE; e++) {
            panel[e] = panel[e] * panel[e];
          }
        }
        for (int i = 0; i < height; i += STRIP) {
          int strip = height - i < STRIP ? height - i : STRIP;
          for (int e = 0; e < STRIP * TILE; e++) {
            sums[e] = 0;
          }
          for (int k = 0; k < depth; k++) {
            int at = a + i * aRow + (k0 + k) * aColumn;
            float a0 = m.get(at);
            float a1 = strip > 1 ? m.get(at + aRow) : 0;
            float a2 = strip > 2 ? m.get(at + 2 * aRow) : 0;
            float a3 = strip > 3 ? m.get(at + 3 * aRow) : 0;
            if (square == 1) {
              a0 = a0 * a0;
              a1 = a1 * a1;
              a2 = a2 * a2;
              a3 = a3 * a3;
            }
            for (int j = 0; j < TILE; j++) {
              float value = panel[k * TILE + j];
              sums[j] += a0 * value;
              sums[TILE + j] += a1 * value;
              sums[2 * TILE + j] += a2 * value;
              sums[3 * TILE + j] += a3 * value;
            }
          }
          for (int y = 0; y < strip; y++) {
            for (int j = 0; j < width; j++) {
              int to = out + (i + y) * columns + j;
              float before = k0 == 0 ? 0 : m.get(to);
              m.set(to, before + sums[y * TILE + j]);
            }
          }
        }
      }
    }
  }
}
