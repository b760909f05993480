package io.measureflow.simd.threads;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Threads that share the independent tasks of one operation with the caller.
 *
 * <p>Operations last tens of microseconds and follow each other closely, so idle workers spin
 * briefly before they park, and distributing tasks allocates nothing.
 *
 * <p>Each thread starts with a contiguous share of the tasks, the same for the same number of
 * tasks, so that the next operation finds in a processor's cache what the previous one left there.
 * A thread that is done takes tasks from the end of the others' shares. Which thread executes a
 * task affects only speed: tasks write to disjoint memory and give the same result on any thread.
 */
public final class WorkerPool implements AutoCloseable {

  /** The tasks of one operation, identified by index. */
  @FunctionalInterface
  public interface Tasks {
    /** Executes task {@code index}. */
    void run(int index);
  }

  /**
   * Long enough to bridge the host's work between two operations, too short to heat an idle
   * machine.
   */
  private static final long SPIN_NANOS = 100_000;

  private static final int SPINS_PER_CLOCK_READING = 64;

  /** The distance between shares in longs, so that each has its own cache lines: 128 bytes. */
  private static final int SHARE_STRIDE = 16;

  private static final Tasks NONE = index -> {};

  private final List<Worker> workers = new ArrayList<>();

  /** The bits of a share for each of two numbers of tasks; above them is its operation. */
  private static final int TASK_BITS = 24;

  private static final int MOST_TASKS = (1 << TASK_BITS) - 1;

  private static final int OPERATIONS = 1 << (Long.SIZE - 2 * TASK_BITS);

  /**
   * The unclaimed tasks of each thread's share: the operation, the first task, the end. They are
   * written when all are empty.
   */
  private final AtomicLongArray shares;

  /**
   * The number of the current operation, written when all shares are. A thread claims tasks of the
   * operation that it has begun alone: one that still looks for tasks of the operation before might
   * take another's before its own share is there.
   */
  private volatile int operation;

  private final AtomicInteger unfinished = new AtomicInteger();
  // Created once: waiting allocates nothing.
  private final BooleanSupplier isFinished = this::isFinished;

  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private Tasks tasks = NONE;
  private volatile @Nullable Thread waitingCaller;
  private volatile boolean closed;

  /**
   * Starts {@code threads - 1} workers; the caller of {@link #run} is the remaining thread.
   *
   * @throws IllegalArgumentException if {@code threads} is less than 1
   */
  public WorkerPool(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads: expected at least 1, found " + threads);
    }
    shares = new AtomicLongArray(threads * SHARE_STRIDE);
    for (int number = 1; number < threads; number++) {
      workers.add(new Worker(number));
    }
    workers.forEach(worker -> worker.thread.start());
  }

  /** Returns the number of threads that execute tasks, including the caller. */
  public int threads() {
    return workers.size() + 1;
  }

  /** Returns the index of the calling thread in its pool: 0 for the caller of {@link #run}. */
  public static int numberOfThread() {
    return Thread.currentThread() instanceof WorkerThread worker ? worker.number : 0;
  }

  /** Returns whether {@link #close} has been called. */
  public boolean isClosed() {
    return closed;
  }

  /**
   * Executes the tasks 0 to {@code count - 1} and returns when all are done. The caller then sees
   * what they wrote. If tasks throw, the others are still executed, and one of the exceptions is
   * thrown here.
   *
   * @throws IllegalStateException if the pool is closed
   * @throws IllegalArgumentException if {@code count} is 2^24 or more
   */
  public synchronized void run(int count, Tasks work) {
    if (count > MOST_TASKS) {
      throw new IllegalArgumentException(
          "tasks: expected at most " + MOST_TASKS + ", found " + count);
    }
    if (closed) {
      throw new IllegalStateException("The worker threads of this backend are closed");
    }
    if (workers.isEmpty() || count == 1) {
      for (int index = 0; index < count; index++) {
        work.run(index);
      }
      return;
    }
    if (count == 0) {
      return;
    }
    tasks = work;
    unfinished.set(count);
    int threads = threads();
    int next = (operation + 1) % OPERATIONS;
    int first = 0;
    for (int thread = 0; thread < threads; thread++) {
      int end = (int) Math.ceilDiv((thread + 1L) * count, threads);
      long numbers = (long) first << TASK_BITS | end;
      shares.set(thread * SHARE_STRIDE, (long) next << (2 * TASK_BITS) | numbers);
      first = end;
    }
    operation = next;
    for (int i = 0; i < workers.size(); i++) {
      Worker worker = workers.get(i);
      if (worker.parked) {
        LockSupport.unpark(worker.thread);
      }
    }
    claimAndExecute(0);
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

  /** Executes the thread's own share from its beginning, then the others' from their ends. */
  private void claimAndExecute(int thread) {
    int threads = threads();
    int begun = operation;
    for (int other = 0; other < threads; other++) {
      int at = (thread + other) % threads * SHARE_STRIDE;
      boolean own = other == 0;
      for (long seen = shares.get(at);
          !isEmpty(seen) && operation(seen) == begun;
          seen = shares.get(at)) {
        if (shares.compareAndSet(at, seen, own ? seen + (1L << TASK_BITS) : seen - 1)) {
          execute(own ? first(seen) : end(seen) - 1);
        }
      }
    }
  }

  private static int operation(long share) {
    return (int) (share >>> (2 * TASK_BITS));
  }

  private static int first(long share) {
    return (int) (share >>> TASK_BITS) & MOST_TASKS;
  }

  private static int end(long share) {
    return (int) share & MOST_TASKS;
  }

  private static boolean isEmpty(long share) {
    return first(share) == end(share);
  }

  /** Executes a claimed task. The operation is the current one: it cannot end before its tasks. */
  private void execute(int index) {
    try {
      tasks.run(index);
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
   * Spins briefly and returns whether the condition became true.
   *
   * <p>It yields now and then, as the awaited thread may be scheduled on this very processor:
   * without that, one other busy process on the machine was seen to make training ten times slower.
   */
  @SuppressWarnings("ThreadPriorityCheck") // Affects only speed.
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

  /** Stops the workers and waits for them. */
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

  /** A worker thread with its index. */
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

    // Created once: waiting allocates nothing.
    private final BooleanSupplier hasWork = this::hasWork;

    private volatile boolean parked;

    Worker(int number) {
      thread = new WorkerThread(this, number);
    }

    @Override
    public void run() {
      while (!closed) {
        claimAndExecute(thread.number);
        if (!spinUntil(hasWork)) {
          parkUntilWork();
        }
      }
    }

    private boolean hasWork() {
      return !isEmpty(shares.get(thread.number * SHARE_STRIDE)) || closed;
    }

    private void parkUntilWork() {
      // The flag is raised before looking for work again, and the caller publishes work before it
      // looks
      // at the flag: one of the two sees the other.
      parked = true;
      while (!hasWork.getAsBoolean()) {
        LockSupport.park(WorkerPool.this);
      }
      parked = false;
    }
  }
}
