package io.measureflow.simd.operations;

import io.measureflow.api.program.Shape;
import io.measureflow.simd.image.ImageKernels;
import io.measureflow.simd.threads.WorkerPool;

/**
 * The largest elements of a tensor over the dimensions along which a shape broadcasts to it, and
 * where the first of them are. A NaN is larger than any number.
 */
public final class Maxima {

  private static final int TASK_ELEMENTS = 16384;

  private final float[] a;
  private final Reduction reduction;
  private final float[] out;

  private Maxima(float[] a, Reduction reduction, float[] out) {
    this.a = a;
    this.reduction = reduction;
    this.out = out;
  }

  /** Creates a command that computes the maxima of {@code a}, of shape {@code from}. */
  public static Command of(WorkerPool pool, float[] a, Shape from, float[] out, Shape to) {
    var maxima = new Maxima(a, Reduction.of(from, to), out);
    return maxima.shared(pool, maxima::maximum);
  }

  /** Creates a command: 1 where the first of the largest elements are, else 0. */
  public static Command first(WorkerPool pool, float[] a, Shape from, float[] out, Shape to) {
    var maxima = new Maxima(a, Reduction.of(from, to), out);
    return maxima.shared(pool, maxima::mark);
  }

  private Command shared(WorkerPool pool, WorkerPool.Tasks each) {
    int results = reduction.results();
    if (results == 0) {
      return () -> {};
    }
    int perTask = Math.max(1, TASK_ELEMENTS / reduction.terms());
    WorkerPool.Tasks tasks =
        task -> {
          int end = (int) Math.min(results, (task + 1L) * perTask);
          for (int result = task * perTask; result < end; result++) {
            each.run(result);
          }
        };
    int count = Math.ceilDiv(results, perTask);
    return () -> pool.run(count, tasks);
  }

  private void maximum(int result) {
    int start = reduction.start(result);
    int step = reduction.columns();
    float largest = Float.NEGATIVE_INFINITY;
    for (int o = 0; o < reduction.outer(); o++) {
      int at = start + o * reduction.outerStride();
      for (int i = 0; i < reduction.run(); i++) {
        largest = Math.max(largest, a[at + i * step]);
      }
    }
    out[result] = largest;
  }

  private void mark(int result) {
    int start = reduction.start(result);
    int step = reduction.columns();
    int first = start;
    for (int o = 0; o < reduction.outer(); o++) {
      int at = start + o * reduction.outerStride();
      for (int i = 0; i < reduction.run(); i++) {
        int here = at + i * step;
        if (ImageKernels.isLarger(a[here], a[first])) {
          first = here;
        }
        out[here] = 0;
      }
    }
    out[first] = 1;
  }
}
