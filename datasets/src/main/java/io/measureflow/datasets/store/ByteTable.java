package io.measureflow.datasets.store;

import io.measureflow.api.backend.ByteRows;
import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Table;
import io.measureflow.api.program.Shape;
import io.measureflow.datasets.store.ArrowMemory.Column;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Images with classes, stored as bytes in an Arrow vector and converted when they are drawn. */
public final class ByteTable implements Table {

  private static final int LARGEST_BYTE = 255;

  /** The offset between unsigned bytes and signed bytes with the first bit flipped. */
  private static final int HALF = 128;

  private final ArrowMemory memory;
  private final String name;
  private final ByteRows rows;
  private final Column classes;
  private final Precision precision;
  private final double[] numbers = new double[256];
  private @Nullable Tensor whole;

  private ByteTable(
      ArrowMemory memory, String name, ByteRows rows, Column classes, Precision precision) {
    this.memory = memory;
    this.name = name;
    this.rows = rows;
    this.classes = classes;
    this.precision = precision;
    for (int value = 0; value < numbers.length; value++) {
      numbers[value] = rows.number(value, precision);
    }
  }

  /**
   * Creates a table of images.
   *
   * @param memory allocates the converted rows, if they are needed
   * @param name the name of the images
   * @param pixels one byte per feature and row
   * @param classes INT32, one per row
   * @param precision the precision of the features
   * @param unit whether features range from 0 to 1 rather than 0 to 255
   */
  public static ByteTable ofImages(
      ArrowMemory memory,
      String name,
      MemorySegment pixels,
      Column classes,
      Precision precision,
      boolean unit) {
    int width = (int) (pixels.byteSize() / Math.max(1, classes.rows()));
    return new ByteTable(
        memory,
        name,
        new ByteRows(Shape.of(classes.rows(), width), pixels, unit ? LARGEST_BYTE : 1),
        classes,
        precision);
  }

  @Override
  public int rows() {
    return rows.shape().dimension(0);
  }

  private int width() {
    return rows.shape().dimension(1);
  }

  @Override
  public Optional<ByteRows> bytes() {
    return Optional.of(rows);
  }

  @Override
  public synchronized Optional<Tensor> whole() {
    if (whole == null) {
      Column column = memory.column(name, rows(), width(), precision.elementType());
      var tensor = new Tensor(rows.shape(), column.type(), column.memory());
      convert(IntStream.range(0, rows()).toArray(), 0, rows(), tensor);
      whole = tensor;
    }
    return Optional.of(whole);
  }

  @Override
  public void features(int[] order, int from, Tensor batch) {
    int count =
        ArrowTable.check("Features", precision.elementType(), width(), rows(), order, from, batch);
    convert(order, from, count, batch);
  }

  /** Writes rows {@code order[from] .. order[from + count - 1]} as the first rows of a tensor. */
  private void convert(int[] order, int from, int count, Tensor target) {
    if (precision == Precision.FLOAT32 && target.type() == ElementType.FLOAT32) {
      convertToFloats(order, from, count, target.memory());
      return;
    }
    byte[] bytes = new byte[width()];
    Tensor row = Tensor.zeros(Shape.of(width()), target.type());
    long rowBytes = row.memory().byteSize();
    for (int i = 0; i < count; i++) {
      long start = (long) order[from + i] * width();
      MemorySegment.copy(rows.memory(), ValueLayout.JAVA_BYTE, start, bytes, 0, bytes.length);
      for (int j = 0; j < bytes.length; j++) {
        row.set(j, numbers[Byte.toUnsignedInt(bytes[j])]);
      }
      MemorySegment.copy(row.memory(), 0, target.memory(), i * rowBytes, rowBytes);
    }
  }

  private void convertToFloats(int[] order, int from, int count, MemorySegment target) {
    byte[] bytes = new byte[width()];
    float[] row = new float[width()];
    float divisor = (float) rows.divisor();
    for (int i = 0; i < count; i++) {
      long start = (long) order[from + i] * width();
      MemorySegment.copy(rows.memory(), ValueLayout.JAVA_BYTE, start, bytes, 0, bytes.length);
      // Two loops so simple that the compiler vectorizes them, which it does for signed bytes only.
      for (int j = 0; j < bytes.length; j++) {
        bytes[j] ^= (byte) HALF;
      }
      for (int j = 0; j < row.length; j++) {
        row[j] = (bytes[j] + (float) HALF) / divisor;
      }
      MemorySegment.copy(
          row, 0, target, ValueLayout.JAVA_FLOAT, (long) i * row.length * Float.BYTES, row.length);
    }
  }

  @Override
  public void targets(int[] order, int from, Tensor batch) {
    int count =
        ArrowTable.check("Targets", classes.type(), classes.width(), rows(), order, from, batch);
    ArrowTable.gather(classes, order, from, count, batch);
  }
}
