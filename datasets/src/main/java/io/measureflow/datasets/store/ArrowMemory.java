package io.measureflow.datasets.store;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.FieldType;

/**
 * The Arrow vectors of one dataset and their allocator. Access goes through memory segments of a
 * shared arena, so that any use after close, even a concurrent one, throws an {@link
 * IllegalStateException}.
 */
public final class ArrowMemory implements AutoCloseable {

  private static final ArrowType UNSIGNED_BYTE = new ArrowType.Int(8, false);

  private final BufferAllocator allocator = new RootAllocator();
  private final Arena arena = Arena.ofShared();
  private final List<FieldVector> vectors = new ArrayList<>();

  /**
   * Allocates a vector of {@code rows} rows of {@code width} numbers: a list of fixed size, or
   * plain numbers if the width is 1 and the type INT32. The content is undefined.
   */
  public synchronized Column column(String name, int rows, int width, ElementType type) {
    MemorySegment memory =
        allocate(
            name,
            rows,
            width,
            type.bytes(),
            buffer ->
                switch (type) {
                  case INT32 -> numbers(name, rows * width, arrowType(type), buffer);
                  case FLOAT32, FLOAT64 -> lists(name, rows, width, arrowType(type), buffer);
                });
    return new Column(memory, type, rows, width);
  }

  /**
   * Allocates a vector of {@code rows} lists of {@code width} unsigned bytes, content undefined.
   */
  public synchronized MemorySegment bytes(String name, int rows, int width) {
    return allocate(
        name, rows, width, 1, buffer -> lists(name, rows, width, UNSIGNED_BYTE, buffer));
  }

  private MemorySegment allocate(
      String name, int rows, int width, int size, Function<ArrowBuf, FieldVector> vector) {
    long elements = (long) rows * width;
    if (elements > Integer.MAX_VALUE) {
      throw InvalidRequestException.of(
          name,
          "at most " + Integer.MAX_VALUE + " numbers",
          rows + " rows of " + width,
          "Split the data into smaller files.");
    }
    long bytes = elements * size;
    try (ArrowBuf buffer = allocator.buffer(bytes)) {
      vectors.add(vector.apply(buffer));
      return segment(buffer.memoryAddress(), bytes);
    } catch (OutOfMemoryException | OutOfMemoryError e) {
      throw new RunFailedException(
          "Not enough memory for the "
              + bytes
              + " bytes of "
              + name
              + ". Use a machine with more memory, or less data.",
          e);
    }
  }

  private static ArrowType arrowType(ElementType type) {
    return switch (type) {
      case FLOAT32 -> new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE);
      case FLOAT64 -> new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE);
      case INT32 -> new ArrowType.Int(32, true);
    };
  }

  private FieldVector lists(
      String name, int rows, int width, ArrowType elementType, ArrowBuf buffer) {
    var lists = FixedSizeListVector.empty(name, width, allocator);
    var elements = lists.addOrGetVector(FieldType.notNullable(elementType)).getVector();
    load((FieldVector) elements, rows * width, List.of(allocator.getEmpty(), buffer));
    load(lists, rows, List.of(allocator.getEmpty()));
    return lists;
  }

  private FieldVector numbers(String name, int count, ArrowType type, ArrowBuf buffer) {
    FieldVector vector = FieldType.notNullable(type).createNewSingleVector(name, allocator, null);
    load((BaseFixedWidthVector) vector, count, List.of(allocator.getEmpty(), buffer));
    return vector;
  }

  /**
   * Sets the buffers; unlike allocateNew, rounds no size to a power of two and clears no memory.
   */
  private static void load(FieldVector vector, int count, List<ArrowBuf> buffers) {
    vector.loadFieldBuffers(new ArrowFieldNode(count, 0), buffers);
  }

  @SuppressWarnings("restricted") // The segment has exactly the address and size of the buffer.
  private MemorySegment segment(long address, long bytes) {
    return MemorySegment.ofAddress(address).reinterpret(bytes, arena, null);
  }

  /** Frees everything. Fails if Arrow detects a leak. */
  @Override
  public synchronized void close() {
    if (arena.scope().isAlive()) {
      arena.close();
      vectors.forEach(FieldVector::close);
      allocator.close();
    }
  }

  /**
   * A column of rows, in pieces with the same number of rows.
   *
   * @param memory all pieces, each row-major, with gaps between them
   * @param pieces the offset of each piece, in bytes
   * @param pieceRows the number of rows of each piece except the last
   */
  public record Column(
      MemorySegment memory,
      ElementType type,
      int rows,
      int width,
      LongBuffer pieces,
      int pieceRows) {

    /** Creates a column in one piece. */
    public Column(MemorySegment memory, ElementType type, int rows, int width) {
      this(memory, type, rows, width, LongBuffer.wrap(new long[1]), Math.max(1, rows));
    }

    /** Returns the number of bytes of a row. */
    public long rowBytes() {
      return (long) width * type.bytes();
    }

    /** Returns the offset of a row in the memory, in bytes. */
    public long position(int row) {
      return pieces.get(row / pieceRows) + row % pieceRows * rowBytes();
    }
  }
}
