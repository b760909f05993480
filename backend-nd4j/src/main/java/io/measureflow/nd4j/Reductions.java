package io.measureflow.nd4j;

import io.measureflow.api.program.Shape;

/**
 * Sums and maxima over the dimensions along which a shape broadcasts to another. One thread
 * computes each result, so the order is fixed.
 */
final class Reductions {

  private static final int COLUMNS = 256;

  private final Memory a;
  private final int[] strides;

  /** The lengths of the result. */
  private final int[] kept;

  /** The lengths of what each result is made of. */
  private final int[] reduced;

  private final int block;
  private final int blocks;
  private final double[] results;

  /**
   * @param from the shape of a
   * @param to a shape that broadcasts to it
   */
  Reductions(Memory a, Shape from, Shape to) {
    this.a = a;
    int[] lengths = Broadcast.lengths(from);
    strides = Broadcast.strides(from);
    kept = Broadcast.lengths(to);
    reduced = new int[lengths.length];
    for (int axis = 0; axis < lengths.length; axis++) {
      reduced[axis] = kept[axis] == 1 ? lengths[axis] : 1;
    }
    int columns = kept[Broadcast.LAST];
    block = Math.clamp(columns, 1, COLUMNS);
    blocks = Math.ceilDiv(columns, block);
    results = new double[to.size()];
  }

  /** Returns the number of tasks, each of which computes a block of a row of results. */
  int tasks() {
    return results.length == 0 ? 0 : results.length / kept[Broadcast.LAST] * blocks;
  }

  /** Returns the number of elements that a task reads. */
  int perTask() {
    int terms = 1;
    for (int length : reduced) {
      terms *= length;
    }
    return Math.max(1, terms * block);
  }

  /** Combines the results with consecutive elements. */
  @FunctionalInterface
  private interface Row {
    void run(int at, int result, int count);
  }

  /** Passes the rows of elements that belong to the results of a task. */
  private void rows(int task, Row row) {
    int number = task / blocks;
    int first = task % blocks * block;
    int count = Math.min(block, kept[Broadcast.LAST] - first);
    int result = number * kept[Broadcast.LAST] + first;
    int start = Broadcast.start(number, kept, strides) + first;
    int rows = 1;
    for (int axis = 0; axis < Broadcast.LAST; axis++) {
      rows *= reduced[axis];
    }
    for (int i = 0; i < rows; i++) {
      row.run(start + Broadcast.start(i, reduced, strides), result, count);
    }
  }

  private void fill(int task, double value) {
    int first = task / blocks * kept[Broadcast.LAST] + task % blocks * block;
    int count = Math.min(block, kept[Broadcast.LAST] - task % blocks * block);
    for (int j = 0; j < count; j++) {
      results[first + j] = value;
    }
  }

  private void store(int task, Memory out) {
    int first = task / blocks * kept[Broadcast.LAST] + task % blocks * block;
    int count = Math.min(block, kept[Broadcast.LAST] - task % blocks * block);
    for (int j = first; j < first + count; j++) {
      out.set(j, results[j]);
    }
  }

  /** Computes the sums of some tasks in double precision. */
  void sum(int from, int to, Memory out) {
    int inner = reduced[Broadcast.LAST];
    for (int task = from; task < to; task++) {
      fill(task, 0);
      rows(
          task,
          (at, result, count) -> {
            double sum = 0;
            if (inner != 1) {
              for (int j = 0; j < inner; j++) {
                sum += a.get(at + j);
              }
              results[result] += sum;
            } else {
              for (int j = 0; j < count; j++) {
                results[result + j] += a.get(at + j);
              }
            }
          });
      store(task, out);
    }
  }

  /** Computes the maxima of some tasks; a NaN is larger than any number. */
  void max(int from, int to, Memory out) {
    int inner = reduced[Broadcast.LAST];
    for (int task = from; task < to; task++) {
      fill(task, Double.NEGATIVE_INFINITY);
      rows(
          task,
          (at, result, count) -> {
            if (inner != 1) {
              for (int j = 0; j < inner; j++) {
                results[result] = Math.max(results[result], a.get(at + j));
              }
            } else {
              for (int j = 0; j < count; j++) {
                results[result + j] = Math.max(results[result + j], a.get(at + j));
              }
            }
          });
      store(task, out);
    }
  }

  /** Writes 1 to the first of the largest elements of the results of some tasks, 0 elsewhere. */
  void first(int from, int to, Memory out) {
    int inner = reduced[Broadcast.LAST];
    for (int task = from; task < to; task++) {
      // The position of the largest element so far, plus 1.
      fill(task, 0);
      rows(
          task,
          (at, result, count) -> {
            for (int j = 0; j < (inner != 1 ? inner : count); j++) {
              int of = inner != 1 ? result : result + j;
              int known = (int) results[of] - 1;
              if (known < 0 || isLarger(a.get(at + j), a.get(known))) {
                results[of] = at + j + 1.0;
              }
              out.set(at + j, 0);
            }
          });
      int first = task / blocks * kept[Broadcast.LAST] + task % blocks * block;
      int count = Math.min(block, kept[Broadcast.LAST] - task % blocks * block);
      for (int j = first; j < first + count; j++) {
        out.set((int) results[j] - 1, 1);
      }
    }
  }

  /** Returns whether a is larger than b; a NaN is larger than any number. */
  static boolean isLarger(double a, double b) {
    return a > b || (Double.isNaN(a) && !Double.isNaN(b));
  }
}
