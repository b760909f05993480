package org.apache.arrow.memory.unsafe;

import io.measureflow.datasets.testing.ArrowAllocations;
import org.apache.arrow.memory.AllocationManager;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.MemoryUtil;

/**
 * Replaces Arrow's class of this name, which comes later on the class path of the tests, so that
 * every allocation of every allocator is counted.
 */
public final class DefaultAllocationManagerFactory implements AllocationManager.Factory {

  /** The field that Arrow reads. */
  public static final AllocationManager.Factory FACTORY = new DefaultAllocationManagerFactory();

  @Override
  public AllocationManager create(BufferAllocator allocator, long size) {
    return new Counted(allocator, size);
  }

  @Override
  public ArrowBuf empty() {
    return UnsafeAllocationManager.FACTORY.empty();
  }

  private static final class Counted extends AllocationManager {
    private final long size;
    private final long address;

    Counted(BufferAllocator allocator, long size) {
      super(allocator);
      this.size = size;
      ArrowAllocations.add(size);
      address = MemoryUtil.allocateMemory(size);
    }

    @Override
    public long getSize() {
      return size;
    }

    @Override
    protected long memoryAddress() {
      return address;
    }

    @Override
    protected void release0() {
      MemoryUtil.freeMemory(address);
      ArrowAllocations.remove(size);
    }
  }
}
