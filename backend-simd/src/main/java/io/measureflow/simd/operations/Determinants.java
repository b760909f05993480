package io.measureflow.simd.operations;

import io.measureflow.simd.threads.WorkerPool;
import java.util.Arrays;

/**
 * Determinants and inverses of a stack of square matrices by elimination with partial pivoting in
 * double precision. Each matrix is processed by one thread; a task takes every {@code slots}-th
 * matrix and has room for one.
 */
public final class Determinants {

  /** The size of a matrix above which a second matrix per thread is not worth its memory. */
  private static final int LARGE = 4096;

  private final WorkerPool pool;
  private final float[] a;
  private final int count;
  private final int size;
  private final float[] out;
  private final int slots;
  private final double[] room;
  private final int[] rows;

  private Determinants(WorkerPool pool, float[] a, int count, int size, float[] out) {
    this.pool = pool;
    this.a = a;
    this.count = count;
    this.size = size;
    this.out = out;
    slots = Math.min(count, pool.threads() * (size * size < LARGE ? 4 : 1));
    room = new double[Math.multiplyExact(slots, size * size)];
    rows = new int[slots * size];
  }

  /** out_k = log |det a_k|. */
  public static Command logarithms(WorkerPool pool, float[] a, int count, int size, float[] out) {
    return new Determinants(pool, a, count, size, out).logarithms();
  }

  /** out_k = the transposed inverse of a_k. */
  public static Command inverseTransposes(
      WorkerPool pool, float[] a, int count, int size, float[] out) {
    return new Determinants(pool, a, count, size, out).inverseTransposes();
  }

  private Command logarithms() {
    WorkerPool.Tasks tasks =
        slot -> {
          for (int k = slot; k < count; k += slots) {
            load(k, slot);
            out[k] = (float) logarithm(slot * size * size);
          }
        };
    return () -> pool.run(slots, tasks);
  }

  private Command inverseTransposes() {
    WorkerPool.Tasks tasks =
        slot -> {
          for (int k = slot; k < count; k += slots) {
            load(k, slot);
            storeTransposed(invert(slot), k, slot);
          }
        };
    return () -> pool.run(slots, tasks);
  }

  private void load(int k, int slot) {
    int from = k * size * size;
    int to = slot * size * size;
    for (int i = 0; i < size * size; i++) {
      room[to + i] = a[from + i];
    }
  }

  /** Returns the row from {@code column} down with the largest entry in that column. */
  private int pivot(int start, int column) {
    int best = column;
    double largest = -1;
    for (int row = column; row < size; row++) {
      double entry = Math.abs(room[start + row * size + column]);
      if (entry > largest) {
        best = row;
        largest = entry;
      }
    }
    return best;
  }

  private void swapRows(int start, int row, int other, int fromColumn) {
    int p = start + row * size;
    int q = start + other * size;
    for (int j = fromColumn; j < size; j++) {
      double kept = room[p + j];
      room[p + j] = room[q + j];
      room[q + j] = kept;
    }
  }

  private double logarithm(int start) {
    double sum = 0;
    for (int column = 0; column < size; column++) {
      int best = pivot(start, column);
      int top = start + column * size;
      if (best != column) {
        swapRows(start, column, best, column);
      }
      double pivot = room[top + column];
      if (pivot == 0) {
        return Double.NEGATIVE_INFINITY;
      }
      sum += Math.log(Math.abs(pivot));
      for (int row = column + 1; row < size; row++) {
        int at = start + row * size;
        double factor = room[at + column] / pivot;
        for (int j = column + 1; j < size; j++) {
          room[at + j] -= factor * room[top + j];
        }
      }
    }
    return sum;
  }

  /**
   * Inverts by Gauss-Jordan elimination in place, which leaves the columns of the inverse in the
   * order of the row exchanges; returns false for a singular matrix.
   */
  private boolean invert(int slot) {
    int start = slot * size * size;
    int order = slot * size;
    for (int row = 0; row < size; row++) {
      rows[order + row] = row;
    }
    for (int column = 0; column < size; column++) {
      int best = pivot(start, column);
      int top = start + column * size;
      if (best != column) {
        swapRows(start, column, best, 0);
        int kept = rows[order + column];
        rows[order + column] = rows[order + best];
        rows[order + best] = kept;
      }
      double pivot = room[top + column];
      if (pivot == 0) {
        return false;
      }
      room[top + column] = 1;
      for (int j = 0; j < size; j++) {
        room[top + j] /= pivot;
      }
      for (int row = 0; row < size; row++) {
        if (row != column) {
          int at = start + row * size;
          double factor = room[at + column];
          room[at + column] = 0;
          for (int j = 0; j < size; j++) {
            room[at + j] -= factor * room[top + j];
          }
        }
      }
    }
    return true;
  }

  private void storeTransposed(boolean regular, int k, int slot) {
    int start = slot * size * size;
    int to = k * size * size;
    if (!regular) {
      Arrays.fill(out, to, to + size * size, Float.NaN);
      return;
    }
    for (int column = 0; column < size; column++) {
      int row = to + rows[slot * size + column] * size;
      for (int i = 0; i < size; i++) {
        out[row + i] = (float) room[start + i * size + column];
      }
    }
  }
}
