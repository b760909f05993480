package io.measureflow.datasets.image;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Fills rows, each once, with background threads that proceed in order, while rows that a reader
 * waits for come first and the reader helps. Which thread fills a row has no influence on it.
 */
final class LazyRows implements AutoCloseable {

  /** Fills a row; called from several threads, never twice for the same row. */
  @FunctionalInterface
  interface Filler {
    /** Fills row {@code row}. */
    void fill(int row);
  }

  /** About how long a row takes. */
  private static final long ROW_NANOS = 10_000;

  private static final int ABSENT = 0;
  private static final int CLAIMED = 1;
  private static final int READY = 2;

  private final Filler filler;
  private final AtomicIntegerArray states;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger missing;
  private final Thread[] workers;
  private volatile @Nullable Demand demand;
  private volatile @Nullable Throwable failure;
  private volatile boolean closed;

  LazyRows(int rows, int threads, Filler filler) {
    this.filler = filler;
    states = new AtomicIntegerArray(rows);
    missing = new AtomicInteger(rows);
    workers = new Thread[threads];
    for (int i = 0; i < threads; i++) {
      workers[i] = Thread.ofPlatform().daemon().name("dataset-rows-", i).unstarted(this::work);
    }
  }

  /** Starts the background threads; until then, readers fill the rows they need. */
  void start() {
    for (Thread worker : workers) {
      worker.start();
    }
  }

  /**
   * Waits until rows {@code offset + order[from] .. offset + order[from + count - 1]} are filled.
   *
   * @throws IllegalStateException if this is closed before that
   */
  void await(int[] order, int from, int count, int offset) {
    if (missing.get() == 0) {
      return;
    }
    int[] rows = Arrays.copyOfRange(order, from, from + count);
    for (int i = 0; i < count; i++) {
      rows[i] += offset;
    }
    var own = new Demand(rows);
    demand = own;
    while (own.fillNext(this)) {
      checkSound();
    }
    for (int row : rows) {
      while (states.get(row) != READY) {
        checkSound();
        LockSupport.parkNanos(ROW_NANOS);
      }
    }
  }

  private void checkSound() {
    Throwable cause = failure;
    if (cause != null || closed) {
      throw new IllegalStateException(
          closed ? "The dataset is closed." : "A row could not be filled.", cause);
    }
  }

  private void work() {
    while (!closed && failure == null) {
      Demand urgent = demand;
      if (urgent == null || !urgent.fillNext(this)) {
        int row = next.getAndIncrement();
        if (row >= states.length()) {
          return;
        }
        fill(row);
      }
    }
  }

  private void fill(int row) {
    if (states.get(row) == ABSENT && states.compareAndSet(row, ABSENT, CLAIMED)) {
      try {
        filler.fill(row);
      } catch (RuntimeException | Error e) {
        failure = e; // Thrown by the readers that wait for a row.
        return;
      }
      states.set(row, READY);
      missing.decrementAndGet();
    }
  }

  /** Stops the background threads and waits for their end. */
  @Override
  public void close() {
    closed = true;
    boolean interrupted = false;
    for (Thread worker : workers) {
      while (worker.isAlive()) {
        try {
          worker.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Rows that a reader waits for. */
  private static final class Demand {
    private final int[] rows;
    private final AtomicInteger cursor = new AtomicInteger();

    Demand(int[] rows) {
      this.rows = rows;
    }

    /** Fills the next row of the demand; returns false when there is none. */
    boolean fillNext(LazyRows all) {
      int i = cursor.get() < rows.length ? cursor.getAndIncrement() : rows.length;
      if (i >= rows.length) {
        return false;
      }
      all.fill(rows[i]);
      return true;
    }
  }
}
