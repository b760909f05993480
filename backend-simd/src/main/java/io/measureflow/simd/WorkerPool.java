package io.measureflow.simd;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Threads that share the independent tasks of one operation with the caller.
 *
 * <p>Operations last tens of microseconds and follow each other closely, so idle workers spin for a
 * short while before they park, and handing out tasks allocates nothing. Which thread executes
 * which task is left open: tasks write to disjoint places and give the same result on any thread.
 */
final class WorkerPool implements AutoCloseable {

  /** The tasks of one operation, told apart by their index. */
  @FunctionalInterface
  interface Tasks {
    /** Executes task {@code index}. */
    void run(int index);
  }

  /**
   * Long enough to bridge the host's work between two operations, too short to heat an idle
   * machine.
   */
  private static final long SPIN_NANOS = 100_000;

  private static final int SPINS_PER_CLOCK_READING = 64;
  private static final Tasks NONE = index -> {};

  private final List<Worker> workers = new ArrayList<>();

  /**
   * The operation's number in the upper half and the count of its unclaimed tasks in the lower. The
   * number keeps a worker that was held up from claiming a task of a later operation as one of an
   * earlier: its compare-and-set fails.
   */
  private final AtomicLong unclaimed = new AtomicLong();

  private final AtomicInteger unfinished = new AtomicInteger();
  // Made once: waiting allocates nothing.
  private final BooleanSupplier isFinished = this::isFinished;
  private final BooleanSupplier hasWork = this::hasWork;

  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private Tasks tasks = NONE;
  private volatile @Nullable Thread waitingCaller;
  private volatile boolean closed;

  /**
   * Starts {@code threads - 1} workers; the caller of {@link #run} is the remaining thread.
   *
   * @throws IllegalArgumentException if {@code threads} is less than 1
   */
  WorkerPool(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads: expected at least 1, found " + threads);
    }
    for (int number = 1; number < threads; number++) {
      workers.add(new Worker(number));
    }
    workers.forEach(worker -> worker.thread.start());
  }

  /** The number of threads that execute tasks, the caller included. */
  int threads() {
    return workers.size() + 1;
  }

  /** The number of the calling thread among those of its pool: 0 for the caller of {@link #run}. */
  static int numberOfThread() {
    return Thread.currentThread() instanceof WorkerThread worker ? worker.number : 0;
  }

  /** Whether {@link #close} has been called. */
  boolean isClosed() {
    return closed;
  }

  /**
   * Executes the tasks 0 to {@code count - 1} and returns when all are done. What they wrote is
   * then visible to the caller. If tasks throw, the others are still executed, and one of the
   * exceptions is thrown here.
   *
   * @throws IllegalStateException if the pool is closed
   */
  synchronized void run(int count, Tasks operation) {
    if (closed) {
      throw new IllegalStateException("The worker threads of this backend are closed");
    }
    if (workers.isEmpty() || count == 1) {
      for (int index = 0; index < count; index++) {
        operation.run(index);
      }
      return;
    }
    if (count == 0) {
      return;
    }
    tasks = operation;
    unfinished.set(count);
    long number = (unclaimed.get() >>> Integer.SIZE) + 1;
    unclaimed.set((number << Integer.SIZE) | count);
    for (int i = 0; i < workers.size(); i++) {
      Worker worker = workers.get(i);
      if (worker.parked) {
        LockSupport.unpark(worker.thread);
      }
    }
    claimAndExecute();
    awaitFinished();
    Throwable thrown = failure.getAndSet(null);
    if (thrown != null) {
      rethrow(thrown);
    }
  }

  private static void rethrow(Throwable thrown) {
    switch (thrown) {
      case Error error -> throw error;
      case RuntimeException exception -> throw exception;
      default -> throw new IllegalStateException(thrown);
    }
  }

  private boolean isFinished() {
    return unfinished.get() == 0;
  }

  private boolean hasWork() {
    return (int) unclaimed.get() > 0 || closed;
  }

  private void claimAndExecute() {
    while (true) {
      long seen = unclaimed.get();
      int remaining = (int) seen;
      if (remaining == 0) {
        return;
      }
      // Read before the claim: a successful claim proves that the operation was still running,
      // and so that this is its task.
      Tasks claimed = tasks;
      if (unclaimed.compareAndSet(seen, seen - 1)) {
        execute(claimed, remaining - 1);
      }
    }
  }

  private void execute(Tasks claimed, int index) {
    try {
      claimed.run(index);
    } catch (RuntimeException | Error thrown) {
      failure.compareAndSet(null, thrown);
    } finally {
      if (unfinished.decrementAndGet() == 0) {
        LockSupport.unpark(waitingCaller);
      }
    }
  }

  private void awaitFinished() {
    if (spinUntil(isFinished)) {
      return;
    }
    waitingCaller = Thread.currentThread();
    while (unfinished.get() > 0) {
      LockSupport.park(this);
    }
    waitingCaller = null;
  }

  /**
   * Spins for a short while and says whether the condition came to hold.
   *
   * <p>It yields now and then, for the thread that is waited for may have been put on this very
   * processor: without that, one other busy process on the machine was seen to make training ten
   * times slower.
   */
  @SuppressWarnings("ThreadPriorityCheck") // Nothing depends on it but speed.
  private static boolean spinUntil(BooleanSupplier condition) {
    long start = System.nanoTime();
    do {
      for (int spin = 0; spin < SPINS_PER_CLOCK_READING; spin++) {
        if (condition.getAsBoolean()) {
          return true;
        }
        Thread.onSpinWait();
      }
      Thread.yield();
    } while (System.nanoTime() - start < SPIN_NANOS);
    return false;
  }

  /** Ends the workers and waits for them. */
  @Override
  public synchronized void close() {
    closed = true;
    boolean interrupted = false;
    for (Worker worker : workers) {
      LockSupport.unpark(worker.thread);
      boolean joined = false;
      while (!joined) {
        try {
          worker.thread.join();
          joined = true;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** A thread that knows its number. */
  private static final class WorkerThread extends Thread {
    private final int number;

    WorkerThread(Runnable work, int number) {
      super(work, "measureflow-simd-" + number);
      this.number = number;
      setDaemon(true);
    }
  }

  private final class Worker implements Runnable {
    private final WorkerThread thread;
    private volatile boolean parked;

    Worker(int number) {
      thread = new WorkerThread(this, number);
    }

    @Override
    public void run() {
      while (!closed) {
        claimAndExecute();
        if (!spinUntil(hasWork)) {
          parkUntilWork();
        }
      }
    }

    private void parkUntilWork() {
      // The flag is raised before the work is looked for again, and the caller publishes work
      // before it looks at the flag: one of the two sees the other.
      parked = true;
      while (!hasWork.getAsBoolean()) {
        LockSupport.park(WorkerPool.this);
      }
      parked = false;
    }
  }
}
