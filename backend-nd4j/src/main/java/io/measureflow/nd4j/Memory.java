package io.measureflow.nd4j;

import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.program.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.concurrency.AffinityManager.Location;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The elements of one value: a buffer of ND4J that is freed by {@link #close}, and the same memory
 * as the host sees it. ND4J knows no buffer without elements, so that an empty value has one, which
 * nobody reads.
 */
abstract sealed class Memory implements AutoCloseable permits Memory.Singles, Memory.Doubles {

  private final int size;
  private final DataBuffer buffer;
  private final INDArray all;

  /** Bounds the life of tensors; few memories have any, and closing one makes all threads halt. */
  private @Nullable Arena arena;

  /** The memory itself, not bound to the life of this object: for loops that are known to be in. */
  final MemorySegment segment;

  private boolean closed;

  @SuppressWarnings("restricted")
  private Memory(int size, DataType type, int elementBytes) {
    this.size = size;
    buffer = Nd4j.createBuffer(type, Math.max(1, size), true);
    long length = Math.max(1, size);
    all = Nd4j.create(buffer, new long[] {length}, new long[] {1}, 0, 'c');
    Nd4j.getAffinityManager().ensureLocation(all, Location.HOST);

    segment =
        MemorySegment.ofAddress(buffer.pointer().address())
            .reinterpret(Math.max(elementBytes, (long) size * elementBytes));
  }

  /** New memory, filled with zeros. */
  static Memory of(int size, Precision precision) {
    return switch (precision) {
      case FLOAT32 -> new Singles(size);
      case FLOAT64 -> new Doubles(size);
    };
  }

  abstract double get(int i);

  abstract void set(int i, double value);

  int size() {
    return size;
  }

  void fill(double value) {
    for (int i = 0; i < size; i++) {
      set(i, value);
    }
  }

  /** The memory for users: after {@link #close} an access is an exception. */
  @SuppressWarnings({"restricted", "MustBeClosedChecker"}) // The arena is closed by close().
  Tensor tensor(Shape shape) {
    Arena bounds = arena == null ? Arena.ofShared() : arena;
    arena = bounds;
    MemorySegment bounded =
        MemorySegment.ofAddress(segment.address())
            .reinterpret(
                (long) size * (this instanceof Singles ? Float.BYTES : Double.BYTES), bounds, null);
    return new Tensor(
        shape,
        this instanceof Singles ? Precision.FLOAT32.elementType() : Precision.FLOAT64.elementType(),
        bounded);
  }

  /** An array of ND4J over this memory, row-major. */
  INDArray array(long... shape) {
    long[] strides = new long[shape.length];
    long stride = 1;
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= shape[axis];
    }
    return Nd4j.create(buffer, shape, strides, 0, 'c');
  }

  /** Brings what a device wrote to the host; nothing to do where the device is the host. */
  void toHost() {
    Nd4j.getAffinityManager().ensureLocation(all, Location.HOST);
  }

  /** Says that the host has written. */
  void hostHasWritten() {
    Nd4j.getAffinityManager().tagLocation(all, Location.HOST);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      if (arena != null) {
        arena.close();
      }
      buffer.close();
    }
  }

  /** Elements of 32 bits. */
  static final class Singles extends Memory {
    Singles(int size) {
      super(size, DataType.FLOAT, Float.BYTES);
    }

    @Override
    double get(int i) {
      return segment.getAtIndex(ValueLayout.JAVA_FLOAT, i);
    }

    @Override
    void set(int i, double value) {
      segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) value);
    }
  }

  /** Elements of 64 bits. */
  static final class Doubles extends Memory {
    Doubles(int size) {
      super(size, DataType.DOUBLE, Double.BYTES);
    }

    @Override
    double get(int i) {
      return segment.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
    }

    @Override
    void set(int i, double value) {
      segment.setAtIndex(ValueLayout.JAVA_DOUBLE, i, value);
    }
  }
}
