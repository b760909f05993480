package io.measureflow.datasets;

import io.measureflow.api.backend.ByteRows;
import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Table;
import io.measureflow.api.program.Shape;
import io.measureflow.datasets.ArrowMemory.Column;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Rows that are images of classes, and stay bytes in an Arrow vector until they are drawn. */
final class ByteTable implements Table {

  private static final int LARGEST_BYTE = 255;

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
   * A table of images.
   *
   * @param memory where the rows go as numbers, if somebody wants that
   * @param name of the images
   * @param pixels a byte for each feature of each row
   * @param classes INT32, one for each row
   * @param precision of features
   * @param unit whether features go from 0 to 1, else from 0 to 255
   */
  static ByteTable ofImages(
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
      for (int row = 0; row < rows(); row++) {
        convert(row, tensor, row);
      }
      whole = tensor;
    }
    return Optional.of(whole);
  }

  @Override
  public void features(int[] order, int from, Tensor batch) {
    int count =
        ArrowTable.check("Features", precision.elementType(), width(), rows(), order, from, batch);
    for (int i = 0; i < count; i++) {
      convert(order[from + i], batch, i);
    }
  }

  /** Writes a row as row {@code to} of a tensor. */
  private void convert(int row, Tensor target, int to) {
    byte[] bytes = new byte[width()];
    MemorySegment.copy(
        rows.memory(), ValueLayout.JAVA_BYTE, (long) row * width(), bytes, 0, width());
    long first = (long) to * width();
    if (target.type() == ElementType.FLOAT32) {
      float[] floats = new float[bytes.length];
      for (int j = 0; j < bytes.length; j++) {
        floats[j] = (float) numbers[Byte.toUnsignedInt(bytes[j])];
      }
      MemorySegment.copy(
          floats, 0, target.memory(), ValueLayout.JAVA_FLOAT, first * Float.BYTES, floats.length);
    } else {
      double[] doubles = new double[bytes.length];
      for (int j = 0; j < bytes.length; j++) {
        doubles[j] = numbers[Byte.toUnsignedInt(bytes[j])];
      }
      MemorySegment.copy(
          doubles,
          0,
          target.memory(),
          ValueLayout.JAVA_DOUBLE,
          first * Double.BYTES,
          doubles.length);
    }
  }

  @Override
  public void targets(int[] order, int from, Tensor batch) {
    int count =
        ArrowTable.check("Targets", classes.type(), classes.width(), rows(), order, from, batch);
    ArrowTable.gather(classes, order, from, count, batch);
  }
}
