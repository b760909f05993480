package io.measureflow.nd4j;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Threads that share the loops on host memory with the caller. They park as soon as they are idle,
 * to leave the processors to the threads of BLAS.
 */
final class Workers implements AutoCloseable {

  /** A loop over elements {@code from} (inclusive) to {@code to} (exclusive). */
  @FunctionalInterface
  interface Loop {
    void run(int from, int to);
  }

  private static final int SPINS = 2000;

  private final Worker[] workers;
  private final AtomicInteger unfinished = new AtomicInteger();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private Loop loop = (from, to) -> {};
  private int size;
  private int parts;
  private volatile @Nullable Thread caller;
  private volatile boolean closed;

  Workers(int threads) {
    workers = new Worker[threads - 1];
    for (int i = 0; i < workers.length; i++) {
      workers[i] = new Worker(i + 1);
    }
    for (Worker worker : workers) {
      worker.thread.start();
    }
  }

  int threads() {
    return workers.length + 1;
  }

  boolean isClosed() {
    return closed;
  }

  /**
   * Runs the loop over 0 to {@code count}, in parts of at least {@code grain} elements.
   *
   * @throws IllegalStateException after {@link #close}, or if a part of it failed
   */
  synchronized void run(int count, int grain, Loop body) {
    if (closed) {
      throw new IllegalStateException("The threads of the nd4j backend have ended");
    }
    int wanted = Math.min(workers.length + 1, count / Math.max(1, grain));
    if (wanted <= 1) {
      if (count > 0) {
        body.run(0, count);
      }
      return;
    }
    loop = body;
    size = count;
    parts = wanted;
    caller = Thread.currentThread();
    unfinished.set(wanted - 1);
    for (int i = 0; i < wanted - 1; i++) {
      workers[i].due = true;
      LockSupport.unpark(workers[i].thread);
    }
    try {
      part(0);
    } finally {
      for (int spin = 0; spin < SPINS && unfinished.get() > 0; spin++) {
        Thread.onSpinWait();
      }
      while (unfinished.get() > 0) {
        LockSupport.park(this);
      }
    }
    Throwable thrown = failure.getAndSet(null);
    if (thrown != null) {
      throw new IllegalStateException("A loop on host memory failed", thrown);
    }
  }

  private void part(int index) {
    loop.run((int) ((long) size * index / parts), (int) ((long) size * (index + 1) / parts));
  }

  /** Stops the threads and waits for them, after the loop in progress on another thread, if any. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    boolean interrupted = false;
    for (Worker worker : workers) {
      LockSupport.unpark(worker.thread);
      boolean ended = false;
      while (!ended) {
        try {
          worker.thread.join();
          ended = true;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Worker implements Runnable {
    private final int index;
    private final Thread thread;
    private volatile boolean due;

    Worker(int index) {
      this.index = index;
      thread = Thread.ofPlatform().name("measureflow-nd4j-" + index).daemon(true).unstarted(this);
    }

    @Override
    public void run() {
      while (!closed) {
        if (!due) {
          LockSupport.park(Workers.this);
          continue;
        }
        due = false;
        try {
          part(index);
        } catch (RuntimeException | Error thrown) {
          failure.compareAndSet(null, thrown);
        } finally {
          if (unfinished.decrementAndGet() == 0) {
            LockSupport.unpark(caller);
          }
        }
      }
    }
  }
}
