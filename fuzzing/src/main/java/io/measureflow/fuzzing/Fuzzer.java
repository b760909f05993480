package io.measureflow.fuzzing;

import com.sun.management.ThreadMXBean;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.fuzzing.FuzzReport.Finding;
import io.measureflow.fuzzing.FuzzReport.Kind;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Reads mutated files. Each must be read, or refused with an {@link InvalidRequestException} that
 * names the file, in time, with memory in proportion to its size, and without a leak.
 *
 * <p>Inputs with a new result, which may be a refusal at a new place, are added to those that are
 * mutated further. This replaces guidance by coverage.
 */
public final class Fuzzer {

  private static final int MOST_FINDINGS = 20;
  private static final int MOST_KEPT = 4000;
  private static final int FRAMES = 6;

  /**
   * Waiting is counted in steps: if the process is stopped for a while, by a debugger or a busy
   * machine, only one step is lost, and no reader is mistaken for hanging.
   */
  private static final int STEPS = 50;

  private final Path folder;
  private final MemoryMeter meter;
  private final Limits limits;
  private final ThreadMXBean threads;

  /**
   * The limits of one input.
   *
   * @param time the maximum time
   * @param bytes the maximum memory, whatever its size
   * @param bytesPerByte the additional memory per byte of input
   */
  public record Limits(Duration time, long bytes, long bytesPerByte) {

    long memory(int length) {
      return bytes + bytesPerByte * length;
    }
  }

  /**
   * @param folder where inputs are written
   * @param meter counts memory outside the heap
   */
  public Fuzzer(Path folder, MemoryMeter meter, Limits limits) {
    this.folder = folder;
    this.meter = meter;
    this.limits = limits;
    threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  }

  /** Reads {@code count} mutated inputs. */
  public FuzzReport run(FuzzTarget target, long seed, int count) {
    var random = new SplittableRandom(seed);
    var mutator = new ByteMutator(random, target.tokens());
    var pool = new ArrayList<>(target.corpus());
    try (var run = new Run(target, seed)) {
      // Loads the classes, whose memory does not count for an input.
      target.corpus().forEach(run::warmUp);
      for (int i = 0; i < count && run.findings.size() < MOST_FINDINGS; i++) {
        byte[] base =
            random.nextBoolean()
                ? target.corpus().get(random.nextInt(target.corpus().size()))
                : pool.get(random.nextInt(pool.size()));
        byte[] other = pool.get(random.nextInt(pool.size()));
        byte[] changed = mutator.mutate(base, other);
        byte[] input =
            target.dressings().get(random.nextInt(target.dressings().size())).apply(changed);
        if (run.read(input) && pool.size() < MOST_KEPT) {
          pool.add(changed);
        }
      }
      return run.report();
    }
  }

  /** Reads the given inputs unchanged. */
  public FuzzReport replay(FuzzTarget target, List<byte[]> inputs) {
    try (var run = new Run(target, 0)) {
      target.corpus().forEach(run::warmUp);
      inputs.forEach(run::read);
      return run.report();
    }
  }

  /** The result of one input. */
  private record Outcome(String behaviour, @Nullable Throwable thrown) {}

  private final class Run implements AutoCloseable {
    private final FuzzTarget target;
    private final long seed;
    private final long begin = System.nanoTime();
    private final Set<String> behaviours = new HashSet<>();
    private final Set<String> known = new HashSet<>();
    private final List<Finding> findings = new ArrayList<>();
    private final AtomicReference<@Nullable Thread> worker = new AtomicReference<>();
    private ExecutorService executor = executor();
    private int count;
    private int accepted;
    private int refused;
    private long mostHeap;
    private long mostNative;
    private long slowest;

    Run(FuzzTarget target, long seed) {
      this.target = target;
      this.seed = seed;
    }

    private ExecutorService executor() {
      return Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = Thread.ofPlatform().daemon().name("fuzz").unstarted(task);
            worker.set(thread);
            return thread;
          });
    }

    void warmUp(byte[] input) {
      Outcome outcome = answer(input);
      if (outcome == null || outcome.thrown != null) {
        throw new IllegalStateException(
            "An input of the corpus of " + target.name() + " is not read.",
            outcome == null ? null : outcome.thrown);
      }
    }

    /** Reads an input; returns whether the reader did something new. */
    boolean read(byte[] input) {
      int number = count++;
      long heap = threads.getTotalThreadAllocatedBytes();
      long live = meter.live();
      var answer = new AtomicReference<@Nullable Outcome>();
      long start = System.nanoTime();
      long peak = meter.peakSince(() -> answer.set(answer(input)));
      slowest = Math.max(slowest, System.nanoTime() - start);
      heap = threads.getTotalThreadAllocatedBytes() - heap;
      Outcome outcome = answer.get();
      if (outcome == null) {
        return false; // It hung, which has been reported.
      }
      mostHeap = Math.max(mostHeap, heap);
      mostNative = Math.max(mostNative, peak);
      if (heap > limits.memory(input.length) || peak > limits.memory(input.length)) {
        find(
            Kind.MEMORY,
            number,
            input,
            outcome.behaviour,
            heap + " bytes of heap and " + peak + " others for " + input.length + " of input\n");
      }
      if (meter.live() != live) {
        find(Kind.LEAK, number, input, outcome.behaviour, meter.live() - live + " bytes\n");
      }
      judge(number, input, outcome);
      return behaviours.add(outcome.behaviour);
    }

    private void judge(int number, byte[] input, Outcome outcome) {
      switch (outcome.thrown) {
        case null -> accepted++;
        case InvalidRequestException refusal -> {
          refused++;
          String message = String.valueOf(refusal.getMessage());
          if (!message.contains(folder.toString())
              || message.length() > 2000
              || message.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
            find(Kind.MESSAGE, number, input, outcome.behaviour, message + "\n" + trace(refusal));
          }
        }
        case Throwable other ->
            find(Kind.EXCEPTION, number, input, outcome.behaviour, trace(other));
      }
    }

    private void find(Kind kind, int number, byte[] input, String behaviour, String detail) {
      if (known.add(kind + behaviour)) {
        findings.add(new Finding(kind, number, input, detail + behaviour));
      }
    }

    /** Returns null if there was no result in time. */
    private @Nullable Outcome answer(byte[] input) {
      Future<Outcome> future = executor.submit(() -> outcome(input));
      try {
        for (int step = 1; step < STEPS; step++) {
          try {
            return future.get(limits.time().toMillis() / STEPS, TimeUnit.MILLISECONDS);
          } catch (TimeoutException e) {
            // Steps remain.
          }
        }
        return future.get(limits.time().toMillis() / STEPS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        Thread thread = worker.get();
        var where = new StringBuilder();
        if (thread != null) {
          for (StackTraceElement frame : thread.getStackTrace()) {
            where.append("\tat ").append(frame).append('\n');
          }
        }
        findings.add(new Finding(Kind.HANG, count - 1, input, where.toString()));
        executor.shutdownNow();
        executor = executor();
        return null;
      } catch (InterruptedException | ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }

    private Outcome outcome(byte[] input) {
      try {
        return new Outcome("read: " + target.reader().read(folder, input), null);
      } catch (Throwable e) {
        return new Outcome(behaviour(e), e);
      }
    }

    /** Returns the place where reading ended, without the numbers of the message. */
    private static String behaviour(Throwable e) {
      var text = new StringBuilder();
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        text.append(cause.getClass().getSimpleName());
        StackTraceElement[] frames = cause.getStackTrace();
        for (int i = 0; i < Math.min(FRAMES, frames.length); i++) {
          text.append("\n\tat ").append(frames[i]);
        }
        text.append('\n');
      }
      return text.toString();
    }

    FuzzReport report() {
      return new FuzzReport(
          target.name(),
          seed,
          count,
          accepted,
          refused,
          behaviours.size(),
          mostHeap,
          mostNative,
          slowest * 1e-9,
          (System.nanoTime() - begin) * 1e-9,
          findings);
    }

    @Override
    public void close() {
      executor.shutdownNow();
    }
  }

  private static String trace(Throwable e) {
    var text = new StringWriter();
    e.printStackTrace(new PrintWriter(text));
    return text.toString();
  }
}
