package io.measureflow.simd;

/**
 * Converts a matrix of {@code rows} rows from row-major order to panels ({@link Layout}) and back.
 */
record Panels(WorkerPool pool, int rows, int columns, int width) {

  /** Copies a row-major matrix into panels. */
  Command fromRows(float[] matrix, float[] panels) {
    WorkerPool.Tasks tasks =
        panel -> {
          int first = panel * width;
          int used = Math.min(width, rows - first);
          int to = first * columns;
          for (int column = 0; column < columns; column++) {
            for (int i = 0; i < used; i++) {
              panels[to++] = matrix[(first + i) * columns + column];
            }
          }
        };
    return () -> pool.run(Math.ceilDiv(rows, width), tasks);
  }

  /** Copies a matrix in panels to row-major order. */
  Command toRows(float[] panels, float[] matrix) {
    WorkerPool.Tasks tasks =
        panel -> {
          int first = panel * width;
          int used = Math.min(width, rows - first);
          int from = first * columns;
          for (int column = 0; column < columns; column++) {
            for (int i = 0; i < used; i++) {
              matrix[(first + i) * columns + column] = panels[from++];
            }
          }
        };
    return () -> pool.run(Math.ceilDiv(rows, width), tasks);
  }
}
