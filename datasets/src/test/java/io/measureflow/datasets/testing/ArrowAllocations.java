package io.measureflow.datasets.testing;

import io.measureflow.fuzzing.MemoryMeter;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.arrow.memory.OutOfMemoryException;

/**
 * Counts the memory of all Arrow allocators together. The state is static because Arrow creates its
 * allocation managers itself.
 */
public final class ArrowAllocations {

  /** More than any test needs; allocations of a size invented by a file exceed it. */
  private static final long LIMIT = 1L << 30;

  private static final AtomicLong LIVE = new AtomicLong();
  private static final AtomicLong COUNT = new AtomicLong();
  private static final AtomicLong PEAK = new AtomicLong();

  private ArrowAllocations() {}

  /** Counts an allocation, or refuses it. */
  public static void add(long size) {
    if (size > LIMIT - LIVE.get()) {
      throw new OutOfMemoryException(size + " bytes beyond the limit of the tests");
    }
    COUNT.incrementAndGet();
    long live = LIVE.addAndGet(size);
    PEAK.accumulateAndGet(live, Math::max);
  }

  /** Counts a release. */
  public static void remove(long size) {
    LIVE.addAndGet(-size);
  }

  /** Returns the bytes that are allocated now. */
  public static long live() {
    return LIVE.get();
  }

  /** Returns the number of allocations. */
  public static long count() {
    return COUNT.get();
  }

  /** Returns the same counts for the fuzzer. */
  public static MemoryMeter meter() {
    return new MemoryMeter() {
      @Override
      public long live() {
        return LIVE.get();
      }

      @Override
      public long peakSince(Runnable begin) {
        long before = LIVE.get();
        PEAK.set(before);
        begin.run();
        return PEAK.get() - before;
      }
    };
  }
}
