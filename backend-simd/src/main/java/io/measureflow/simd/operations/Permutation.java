package io.measureflow.simd.operations;

import io.measureflow.api.program.Shape;
import io.measureflow.simd.threads.WorkerPool;
import java.util.ArrayList;
import java.util.List;

/**
 * Permutes the axes of a tensor.
 *
 * <p>Axes of length 1 are dropped and axes that stay adjacent are joined. Then either the innermost
 * axis stays and contiguous runs are copied, or it is exchanged with another and matrices are
 * transposed, tile by tile, so that both sides are accessed in whole cache lines.
 */
public final class Permutation {

  private static final int TILE = 16;
  private static final int BLOCK_ROWS = 1024;
  private static final int TASK_ELEMENTS = 16384;

  private final float[] a;
  private final float[] out;

  /** Per loop, outermost first: its length, and the strides on either side. */
  private final int[] length;

  private final int[] aStride;
  private final int[] outStride;

  private record Axis(int length, int aStride, int outStride) {
    /** Returns whether this axis directly encloses the other in both orders. */
    boolean encloses(Axis inner) {
      return aStride == inner.length * inner.aStride && outStride == inner.length * inner.outStride;
    }
  }

  private static final Axis SINGLE = new Axis(1, 1, 1);

  private Permutation(float[] a, List<Axis> axes, float[] out) {
    this.a = a;
    this.out = out;
    length = axes.stream().mapToInt(Axis::length).toArray();
    aStride = axes.stream().mapToInt(Axis::aStride).toArray();
    outStride = axes.stream().mapToInt(Axis::outStride).toArray();
  }

  /** Creates a command: axis i of {@code out} is axis {@code order.get(i)} of {@code a}. */
  public static Command of(
      WorkerPool pool, float[] a, Shape shape, List<Integer> order, float[] out) {
    if (out.length == 0) {
      return () -> {};
    }
    int[] aStrides = new int[shape.rank()];
    int stride = 1;
    for (int axis = shape.rank() - 1; axis >= 0; axis--) {
      aStrides[axis] = stride;
      stride *= shape.dimension(axis);
    }
    // In the order of the result, innermost first.
    var axes = new ArrayList<Axis>();
    stride = 1;
    for (int axis : order.reversed()) {
      int dimension = shape.dimension(axis);
      if (dimension == 1) {
        continue;
      }
      var next = new Axis(dimension, aStrides[axis], stride);
      if (!axes.isEmpty() && next.encloses(axes.getLast())) {
        Axis inner = axes.removeLast();
        next = new Axis(dimension * inner.length, inner.aStride, inner.outStride);
      }
      axes.add(next);
      stride *= dimension;
    }
    if (axes.isEmpty()) {
      axes.add(SINGLE);
    }
    if (axes.getFirst().aStride == 1) {
      while (axes.size() < Shape.MAX_RANK) {
        axes.add(SINGLE);
      }
      return new Permutation(a, axes.reversed(), out).copies(pool);
    }
    Axis rows = SINGLE;
    Axis columns = SINGLE;
    var matrices = new ArrayList<Axis>();
    for (Axis axis : axes) {
      if (axis.aStride == 1) {
        columns = axis;
      } else if (axis.outStride == 1) {
        rows = axis;
      } else {
        matrices.add(axis);
      }
    }
    while (matrices.size() < Shape.MAX_RANK - 2) {
      matrices.add(SINGLE);
    }
    matrices.addAll(0, List.of(columns, rows));
    return new Permutation(a, matrices.reversed(), out).tiles(pool);
  }

  /** Copies contiguous runs. */
  private Command copies(WorkerPool pool) {
    int runs = length[0] * length[1] * length[2];
    int width = length[3];
    int perTask = Math.max(1, TASK_ELEMENTS / width);
    WorkerPool.Tasks tasks =
        task -> {
          int end = Math.min(runs, (task + 1) * perTask);
          for (int run = task * perTask; run < end; run++) {
            int outer = run / length[2];
            int inner = run - outer * length[2];
            copy(
                start(outer, aStride) + inner * aStride[2],
                start(outer, outStride) + inner * outStride[2],
                width);
          }
        };
    return () -> pool.run(Math.ceilDiv(runs, perTask), tasks);
  }

  /** Returns where an index of the two outermost loops begins. */
  private int start(int index, int[] stride) {
    int first = index / length[1];
    return first * stride[0] + (index - first * length[1]) * stride[1];
  }

  private void copy(int from, int to, int width) {
    if (width >= TILE) {
      System.arraycopy(a, from, out, to, width);
      return;
    }
    for (int i = 0; i < width; i++) {
      out[to + i] = a[from + i];
    }
  }

  /** Transposes matrices; a task is a block of one matrix or several small matrices. */
  private Command tiles(WorkerPool pool) {
    int matrices = length[0] * length[1];
    int rows = length[2];
    int columns = length[3];
    int blockRows = Math.min(rows, BLOCK_ROWS);
    int blockColumns = Math.min(columns, Math.max(TILE, TASK_ELEMENTS / blockRows / TILE * TILE));
    int acrossRows = Math.ceilDiv(rows, blockRows);
    int blocks = acrossRows * Math.ceilDiv(columns, blockColumns);
    int perTask = Math.max(1, TASK_ELEMENTS / (blockRows * blockColumns));
    WorkerPool.Tasks tasks =
        task -> {
          int row = task % blocks % acrossRows * blockRows;
          int column = task % blocks / acrossRows * blockColumns;
          int first = task / blocks * perTask;
          int end = Math.min(matrices, first + perTask);
          for (int matrix = first; matrix < end; matrix++) {
            transpose(
                start(matrix, aStride) + row * aStride[2] + column,
                start(matrix, outStride) + row + column * outStride[3],
                Math.min(blockRows, rows - row),
                Math.min(blockColumns, columns - column));
          }
        };
    return () -> pool.run(blocks * Math.ceilDiv(matrices, perTask), tasks);
  }

  private void transpose(int from, int to, int rows, int columns) {
    int aRow = aStride[2];
    int outRow = outStride[3];
    for (int row = 0; row < rows; row += TILE) {
      int tileRows = Math.min(TILE, rows - row);
      for (int column = 0; column < columns; column += TILE) {
        int tileColumns = Math.min(TILE, columns - column);
        int source = from + row * aRow + column;
        int target = to + column * outRow + row;
        for (int j = 0; j < tileColumns; j++) {
          for (int i = 0; i < tileRows; i++) {
            out[target + i] = a[source + i * aRow + j];
          }
          target += outRow;
        }
      }
    }
  }
}
