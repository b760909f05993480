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
 * The elements of one value: an ND4J buffer that {@link #close} frees, and a host view of the same
 * memory. ND4J has no empty buffers, so an empty value has one unused element.
 */
abstract sealed class Memory implements AutoCloseable permits Memory.Singles, Memory.Doubles {

  private final int size;
  private final DataBuffer buffer;
  private final INDArray all;

  /** Bounds the lifetime of tensors; created on demand, as closing an arena stops all threads. */
  private @Nullable Arena arena;

  /** The memory itself, without lifetime checks: for loops that cannot outlive it. */
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

  /** Allocates memory, filled with zeros. */
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

  /** Returns the memory for users: after {@link #close} any access throws. */
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

  /** Returns an ND4J array over this memory, row-major. */
  INDArray array(long... shape) {
    long[] strides = new long[shape.length];
    long stride = 1;
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= shape[axis];
    }
    return Nd4j.create(buffer, shape, strides, 0, 'c');
  }

  /** Copies device results to the host; does nothing if the device is the host. */
  void toHost() {
    Nd4j.getAffinityManager().ensureLocation(all, Location.HOST);
  }

  /** Marks the memory as written by the host. */
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
