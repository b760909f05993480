package io.measureflow.simd.product;

/** Transposes blocks of matrices. */
final class Transposition {

  /** The number of rows read together, each along its own cache lines. */
  private static final int ROWS = 8;

  private Transposition() {}

  /** target[j, i] = source[i, j] for {@code rows} rows i and {@code columns} columns j. */
  static void transpose(
      float[] source,
      int from,
      int stride,
      int rows,
      int columns,
      float[] target,
      int to,
      int targetStride) {
    int whole = rows - rows % ROWS;
    for (int i = 0; i < whole; i += ROWS) {
      eightRows(source, from + i * stride, stride, columns, target, to + i, targetStride);
    }
    for (int i = whole; i < rows; i++) {
      int row = from + i * stride;
      int write = to + i;
      for (int j = 0; j < columns; j++) {
        target[write] = source[row + j];
        write += targetStride;
      }
    }
  }

  private static void eightRows(
      float[] source, int row0, int stride, int columns, float[] target, int to, int targetStride) {
    int row1 = row0 + stride;
    int row2 = row1 + stride;
    int row3 = row2 + stride;
    int row4 = row3 + stride;
    int row5 = row4 + stride;
    int row6 = row5 + stride;
    int row7 = row6 + stride;
    int write = to;
    for (int j = 0; j < columns; j++) {
      float a0 = source[row0 + j];
      float a1 = source[row1 + j];
      float a2 = source[row2 + j];
      float a3 = source[row3 + j];
      float a4 = source[row4 + j];
      float a5 = source[row5 + j];
      float a6 = source[row6 + j];
      float a7 = source[row7 + j];
      target[write] = a0;
      target[write + 1] = a1;
      target[write + 2] = a2;
      target[write + 3] = a3;
      target[write + 4] = a4;
      target[write + 5] = a5;
      target[write + 6] = a6;
      target[write + 7] = a7;
      write += targetStride;
    }
  }
}
