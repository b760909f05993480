package io.measureflow.cli.bench.product;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.cli.bench.timing.OtherProcesses;
import io.measureflow.cli.bench.timing.Rounds;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * Times products of a backend and of OpenBLAS in turns, on the same memory.
 *
 * <p>A turn is a burst in several parts, of which the fastest counts. Threads of both spin for a
 * while after a product, which is what makes their next one start fast, so with several threads
 * every turn begins with a pause in which they go to sleep.
 */
public final class ProductComparison {

  private static final int PARTS = 4;
  private static final double PART_SECONDS = 5e-3;
  private static final int MOST_RUNS = 5000;
  private static final long PAUSE_NANOSECONDS = 5_000_000;

  /** OpenBLAS needs no compiler; its threads start, and memory is touched. */
  private static final double OPENBLAS_WARMUP_SECONDS = 0.1;

  private static final int LEAST_WARMUP_RUNS = 5;
  private static final int LEAST_ROUNDS = 5;
  private static final int ENOUGH_QUIET_ROUNDS = 9;

  /** As long as too few rounds are quiet, it takes up to this many times as long. */
  private static final int PATIENCE = 3;

  private final Backend backend;
  private final Optional<OpenBlas> openBlas;
  private final double warmup;
  private final double seconds;
  private final boolean pausing;

  /**
   * @param backend the backend, in float32
   * @param openBlas what to compare with, which gets as many threads as the backend
   * @param warmup for how many seconds to run each product before it is timed
   * @param seconds for how many seconds each contestant is timed
   */
  public ProductComparison(
      Backend backend, Optional<OpenBlas> openBlas, double warmup, double seconds) {
    this.backend = backend;
    this.openBlas = openBlas;
    this.warmup = warmup;
    this.seconds = seconds;
    int threads = backend.description().threads();
    openBlas.ifPresent(library -> library.setThreads(threads));
    pausing = openBlas.isPresent() && threads > 1;
  }

  /**
   * Times a product.
   *
   * @return the seconds of ours and, if it is there, of OpenBLAS, by round
   * @throws RunFailedException if the results differ by more than rounding
   */
  public Rounds time(Product product) {
    try (Workspace workspace = backend.newWorkspace();
        Executable own = workspace.compile(product.program())) {
      Tensor a = own.input(Product.A);
      Tensor b = own.input(Product.B);
      var random = new SplittableRandom(1);
      fill(a, random);
      fill(b, random);
      List<Runnable> contestants = new ArrayList<>();
      contestants.add(own::run);
      warmUp(contestants.getFirst(), warmup);
      openBlas.ifPresent(
          library -> {
            MemorySegment c = MemorySegment.ofArray(new float[product.m() * product.n()]);
            Runnable other = library.product(product, a.memory(), b.memory(), c);
            contestants.add(other);
            warmUp(other, OPENBLAS_WARMUP_SECONDS);
            requireSame(product, own.output(Product.C), c);
          });
      return rounds(contestants);
    }
  }

  private static void fill(Tensor tensor, SplittableRandom random) {
    for (int i = 0; i < tensor.shape().size(); i++) {
      tensor.set(i, random.nextDouble() - 0.5);
    }
  }

  private static void requireSame(Product product, Tensor own, MemorySegment other) {
    // Sums of k products of at most a quarter each, in two orders.
    double tolerance = 1e-6 * (4 + product.k() / 4.0);
    for (int i = 0; i < own.shape().size(); i++) {
      double expected = other.getAtIndex(ValueLayout.JAVA_FLOAT, i);
      double found = own.get(i);
      if (!(Math.abs(found - expected) <= tolerance)) {
        throw new RunFailedException(
            product.label()
                + ", element "
                + i
                + ": expected OpenBLAS' "
                + expected
                + ", found "
                + found
                + ". Report this; one of the two is wrong.");
      }
    }
  }

  /** Runs until compiled code has been running for a while. */
  private static void warmUp(Runnable run, double seconds) {
    long end = System.nanoTime() + (long) (seconds * 1e9);
    for (int i = 0; i < LEAST_WARMUP_RUNS || System.nanoTime() < end; i++) {
      run.run();
    }
  }

  private Rounds rounds(List<Runnable> contestants) {
    int[] runs = contestants.stream().mapToInt(ProductComparison::runsOfPart).toArray();
    var rounds = new Rounds(LEAST_ROUNDS);
    var others = new OtherProcesses(List.of());
    double limit = seconds * contestants.size();
    long begin = System.nanoTime();
    while (isToContinue(rounds, (System.nanoTime() - begin) * 1e-9, limit)) {
      double[] times = new double[contestants.size()];
      others.start();
      for (int i = 0; i < times.length; i++) {
        times[i] = turn(contestants.get(i), runs[i]);
      }
      rounds.add(times, others.share());
    }
    return rounds;
  }

  private static boolean isToContinue(Rounds rounds, double elapsed, double limit) {
    boolean enough = rounds.quiet() >= ENOUGH_QUIET_ROUNDS;
    return rounds.size() < LEAST_ROUNDS || elapsed < (enough ? limit : PATIENCE * limit);
  }

  private static int runsOfPart(Runnable run) {
    double least = Double.MAX_VALUE;
    for (int i = 0; i < LEAST_WARMUP_RUNS; i++) {
      least = Math.min(least, secondsOf(run, 1));
    }
    return (int) Math.clamp(PART_SECONDS / least, 1, MOST_RUNS);
  }

  private double turn(Runnable run, int runs) {
    if (pausing) {
      LockSupport.parkNanos(PAUSE_NANOSECONDS);
    }
    double least = Double.MAX_VALUE;
    for (int part = 0; part < PARTS; part++) {
      least = Math.min(least, secondsOf(run, runs));
    }
    return least;
  }

  private static double secondsOf(Runnable run, int runs) {
    long start = System.nanoTime();
    for (int i = 0; i < runs; i++) {
      run.run();
    }
    return Math.max(1, System.nanoTime() - start) * 1e-9 / runs;
  }
}
