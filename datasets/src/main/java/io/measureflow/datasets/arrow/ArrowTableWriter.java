package io.measureflow.datasets.arrow;

import io.measureflow.datasets.format.Field;
import io.measureflow.datasets.format.TableFile.Cells;
import io.measureflow.datasets.format.TableWriter;
import io.measureflow.datasets.format.ValueType;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float2Vector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.SmallIntVector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.UInt1Vector;
import org.apache.arrow.vector.UInt2Vector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.ipc.ArrowWriter;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/** Writes an Arrow IPC file or stream, uncompressed. Needs memory for one record batch. */
final class ArrowTableWriter implements TableWriter {

  private static final int MOST_BATCH_ROWS = 1 << 16;
  private static final long MOST_BATCH_BYTES = 1 << 24;

  /** The estimated bytes of a cell of any type; the bytes of strings are added. */
  private static final int CELL_BYTES = Long.BYTES;

  private final BufferAllocator allocator = new RootAllocator();
  private final VectorSchemaRoot root;
  private final ArrowWriter writer;
  private int rows;
  private long bytes;

  ArrowTableWriter(WritableByteChannel output, List<Field> fields, boolean stream)
      throws IOException {
    var schema = new Schema(fields.stream().map(ArrowTableWriter::field).toList());
    root = VectorSchemaRoot.create(schema, allocator);
    var dictionaries = new DictionaryProvider.MapDictionaryProvider();
    writer =
        stream
            ? new ArrowStreamWriter(root, dictionaries, output)
            : new ArrowFileWriter(root, dictionaries, output);
    try {
      writer.start();
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private static org.apache.arrow.vector.types.pojo.Field field(Field field) {
    return new org.apache.arrow.vector.types.pojo.Field(
        field.name(), new FieldType(field.nullable(), type(field.type()), null), null);
  }

  private static ArrowType type(ValueType type) {
    return switch (type) {
      case INT8 -> new ArrowType.Int(8, true);
      case INT16 -> new ArrowType.Int(16, true);
      case INT32 -> new ArrowType.Int(32, true);
      case INT64 -> new ArrowType.Int(64, true);
      case UINT8 -> new ArrowType.Int(8, false);
      case UINT16 -> new ArrowType.Int(16, false);
      case UINT32 -> new ArrowType.Int(32, false);
      case UINT64 -> new ArrowType.Int(64, false);
      case FLOAT16 -> new ArrowType.FloatingPoint(FloatingPointPrecision.HALF);
      case FLOAT32 -> new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE);
      case FLOAT64 -> new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE);
      case BOOLEAN -> ArrowType.Bool.INSTANCE;
      case TEXT -> ArrowType.Utf8.INSTANCE;
    };
  }

  @Override
  public void append(Cells[] columns, int count) throws IOException {
    List<FieldVector> vectors = root.getFieldVectors();
    long rowBytes = (long) vectors.size() * CELL_BYTES;
    int from = 0;
    while (from < count) {
      if (rows == MOST_BATCH_ROWS || (rows > 0 && bytes + rowBytes > MOST_BATCH_BYTES)) {
        writeBatch();
      }
      int n =
          (int) Math.clamp((MOST_BATCH_BYTES - bytes) / rowBytes, 1, MOST_BATCH_ROWS - (long) rows);
      n = Math.min(n, count - from);
      for (int j = 0; j < columns.length; j++) {
        for (int i = 0; i < n; i++) {
          set(vectors.get(j), rows + i, columns[j], from + i);
        }
      }
      rows += n;
      bytes += n * rowBytes;
      from += n;
    }
  }

  private void set(FieldVector vector, int at, Cells cells, int row) {
    if (cells.isMissing(row)) {
      if (!vector.getField().isNullable()) {
        throw new IllegalStateException(
            "no value in column " + vector.getName() + ", whose values are said to be there");
      }
      return; // New vectors are all null.
    }
    switch (vector) {
      case Float4Vector floats -> floats.setSafe(at, (float) cells.number(row));
      case Float8Vector doubles -> doubles.setSafe(at, cells.number(row));
      case Float2Vector halves ->
          halves.setSafe(at, Float.floatToFloat16((float) cells.number(row)));
      case TinyIntVector integers -> integers.setSafe(at, (int) cells.integer(row));
      case SmallIntVector integers -> integers.setSafe(at, (int) cells.integer(row));
      case IntVector integers -> integers.setSafe(at, (int) cells.integer(row));
      case BigIntVector integers -> integers.setSafe(at, cells.integer(row));
      case UInt1Vector integers -> integers.setSafe(at, (int) cells.integer(row));
      case UInt2Vector integers -> integers.setSafe(at, (int) cells.integer(row));
      case UInt4Vector integers -> integers.setSafe(at, (int) cells.integer(row));
      case UInt8Vector integers -> integers.setSafe(at, cells.integer(row));
      case BitVector truth -> truth.setSafe(at, Boolean.parseBoolean(cells.text(row)) ? 1 : 0);
      case VarCharVector texts -> {
        byte[] encoded = cells.text(row).getBytes(StandardCharsets.UTF_8);
        texts.setSafe(at, encoded);
        bytes += encoded.length;
      }
      default -> throw new IllegalStateException("a vector of " + vector.getField());
    }
  }

  private void writeBatch() throws IOException {
    root.setRowCount(rows);
    writer.writeBatch();
    root.getFieldVectors().forEach(FieldVector::reset);
    rows = 0;
    bytes = 0;
  }

  @Override
  public void finish() throws IOException {
    if (rows > 0) {
      writeBatch();
    }
    writer.end();
  }

  @Override
  public void close() {
    // Arrow's writer is not closed: that would end the file.
    root.close();
    allocator.close();
  }
}
