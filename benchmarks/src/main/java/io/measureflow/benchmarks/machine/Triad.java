package io.measureflow.benchmarks.machine;

import io.measureflow.benchmarks.timing.Burst;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Measures the memory bandwidth with the STREAM triad [mccalpin1995], a = b + s c, over arrays that
 * fit in no cache: two arrays are read and one is written. Reads that a processor makes in order to
 * write are not counted.
 */
public final class Triad implements AutoCloseable {

  private static final int LENGTH = 1 << 24;
  private static final double BYTES = 3.0 * LENGTH * Float.BYTES;

  /** Short calls, since the JVM compiles a method sooner than a running loop. */
  private static final int PART = 1 << 14;

  private final float[] a = new float[LENGTH];
  private final float[] b = new float[LENGTH];
  private final float[] c = new float[LENGTH];
  private final ExecutorService executor;
  private final List<Callable<Boolean>> tasks = new ArrayList<>();

  /** Allocates the arrays and starts the threads. */
  public Triad(int threads) {
    // Pages never written to may all map to one page of zeros.
    Arrays.fill(b, 1);
    Arrays.fill(c, 2);
    executor = Executors.newFixedThreadPool(threads, Thread.ofPlatform().daemon(true).factory());
    for (int i = 0; i < threads; i++) {
      int from = (int) ((long) LENGTH * i / threads);
      int to = (int) ((long) LENGTH * (i + 1) / threads);
      tasks.add(() -> compute(from, to));
    }
  }

  private boolean compute(int from, int to) {
    for (int begin = from; begin < to; begin += PART) {
      triad(a, b, c, 0.5f, begin, Math.min(to, begin + PART));
    }
    return true;
  }

  private static void triad(float[] a, float[] b, float[] c, float s, int from, int to) {
    for (int i = from; i < to; i++) {
      a[i] = b[i] + s * c[i];
    }
  }

  /** Returns the bandwidth in GB/s during a burst of the given number of seconds. */
  public double bandwidth(double burst) {
    return BYTES / Burst.seconds(this::run, burst) / 1e9;
  }

  private void run() {
    try {
      for (var task : executor.invokeAll(tasks)) {
        task.get();
      }
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException("The triad did not end", e);
    }
  }

  @Override
  public void close() {
    executor.close();
  }
}
