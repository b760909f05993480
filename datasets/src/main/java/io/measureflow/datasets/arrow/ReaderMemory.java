package io.measureflow.datasets.arrow;

import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferManager;
import org.apache.arrow.memory.RootAllocator;
import org.jspecify.annotations.Nullable;

/**
 * A limited allocator for one of Arrow's readers. Closing it frees everything, even buffers that
 * the reader lost when it failed in the middle of a damaged message. Not thread-safe.
 */
public final class ReaderMemory extends RootAllocator {

  private static final int LEAST_PRUNED = 256;

  private final List<ArrowBuf> lent = new ArrayList<>();
  private int prunedAt = LEAST_PRUNED;

  /**
   * @param limit the maximum number of bytes allocated at a time
   */
  public ReaderMemory(long limit) {
    super(limit);
  }

  @Override
  public ArrowBuf buffer(long size, @Nullable BufferManager manager) {
    ArrowBuf buffer = super.buffer(size, manager);
    if (size > 0) {
      lent.add(buffer);
      if (lent.size() > prunedAt) {
        lent.removeIf(returned -> returned.refCnt() == 0);
        prunedAt = Math.max(LEAST_PRUNED, 2 * lent.size());
      }
    }
    return buffer;
  }

  /** Frees everything, including what the reader still holds. */
  @Override
  public synchronized void close() {
    for (ArrowBuf buffer : lent) {
      int references = buffer.refCnt();
      if (references > 0) {
        buffer.getReferenceManager().release(references);
      }
    }
    super.close();
  }
}
