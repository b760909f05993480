package io.measureflow.datasets.arrow;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.datasets.format.Selection;
import io.measureflow.datasets.format.TableFile;
import io.measureflow.datasets.format.ValueType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.BaseLargeVariableWidthVector;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.BaseVariableWidthViewVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.FloatingPointVector;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ViewVarCharVector;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.message.ArrowBlock;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;

/**
 * A table in an Arrow IPC file or stream, distinguished by content. Rows are counted from 1.
 *
 * <p>Arrow's reader trusts its input, so {@link ArrowFrames} checks it first, and {@link
 * ReaderMemory} limits its memory by the size of the file.
 */
final class ArrowIpcTable implements TableFile {

  /**
   * The memory allowed beyond the size of the file: rounding, and validity bitmaps that are created
   * if absent.
   */
  private static final long SLACK = 1 << 24;

  private final Path file;
  private final Reading opened;
  private final List<Column> columns;
  private final List<ArrowBlock> blocks;

  private ArrowIpcTable(Path file, Reading opened) throws IOException {
    this.file = file;
    this.opened = opened;
    columns =
        opened.reader.getVectorSchemaRoot().getFieldVectors().stream()
            .map(ArrowIpcTable::column)
            .toList();
    blocks = opened.reader instanceof ArrowFileReader reader ? reader.getRecordBlocks() : List.of();
  }

  /** Reads the schema. */
  static ArrowIpcTable open(Path file) {
    try {
      Reading opened = new Reading(file);
      try {
        return new ArrowIpcTable(file, opened);
      } catch (IOException | RuntimeException e) {
        try {
          opened.close();
        } catch (IOException | RuntimeException another) {
          // Arrow's reader leaks memory when it fails.
          e.addSuppressed(another);
        }
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      throw malformed(file, e);
    }
  }

  private static InvalidRequestException malformed(Path file, Throwable cause) {
    return new InvalidRequestException(
        file
            + ": expected an Arrow IPC file or stream, uncompressed, found malformed data ("
            + AtomicFile.reason(cause)
            + "). Write the file again, for example with pyarrow.",
        cause);
  }

  /** Codes of a dictionary are no numbers. */
  private static Column column(FieldVector vector) {
    boolean encoded = vector.getField().getDictionary() != null;
    Kind kind =
        switch (vector) {
          case BaseIntVector integers -> encoded ? Kind.TEXT : Kind.INTEGER;
          case FloatingPointVector reals -> Kind.REAL;
          case VarCharVector text -> Kind.TEXT;
          case LargeVarCharVector text -> Kind.TEXT;
          case ViewVarCharVector text -> Kind.TEXT;
          case BitVector truth -> Kind.TEXT;
          default -> Kind.OTHER;
        };
    Optional<ValueType> values =
        switch (kind) {
          case INTEGER, NUMERAL, REAL -> number(vector);
          case TEXT ->
              Optional.of(vector instanceof BitVector ? ValueType.BOOLEAN : ValueType.TEXT);
          case OTHER -> Optional.empty();
        };
    return new Column(
        vector.getName(),
        kind,
        String.valueOf(vector.getField().getType()),
        values,
        vector.getField().isNullable() || encoded);
  }

  private static Optional<ValueType> number(FieldVector vector) {
    return switch (vector.getField().getType()) {
      case ArrowType.Int type ->
          Optional.of(ValueType.integer(type.getBitWidth(), type.getIsSigned()));
      case ArrowType.FloatingPoint type ->
          Optional.of(
              switch (type.getPrecision()) {
                case HALF -> ValueType.FLOAT16;
                case SINGLE -> ValueType.FLOAT32;
                case DOUBLE -> ValueType.FLOAT64;
              });
      default -> Optional.empty();
    };
  }

  @Override
  public Path path() {
    return file;
  }

  @Override
  public List<Column> columns() {
    return columns;
  }

  @Override
  public Batches read(Selection columns) throws IOException {
    return new Cursor(new Reading(file), true);
  }

  @Override
  public int blocks() {
    return blocks.size();
  }

  @Override
  public Batches readBlock(Selection columns, int block) throws IOException {
    if (!(opened.reader instanceof ArrowFileReader reader)
        || !reader.loadRecordBatch(blocks.get(block))) {
      throw new IOException("record batch " + block + " cannot be read");
    }
    return new Cursor(opened, false);
  }

  @Override
  public InvalidRequestException malformed(Throwable cause) {
    return malformed(file, cause);
  }

  @Override
  public void close() throws IOException {
    opened.close();
  }

  /** An open file. */
  private static final class Reading implements AutoCloseable {

    private final FileChannel channel;
    private final ReaderMemory memory;
    private final ArrowReader reader;

    Reading(Path file) throws IOException {
      channel = FileChannel.open(file);
      try {
        ArrowFrames.check(channel);
        memory = new ReaderMemory(2 * channel.size() + SLACK);
        reader =
            ArrowFrames.isFile(channel)
                ? new ArrowFileReader(channel, memory)
                : new ArrowStreamReader(channel, memory);
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    }

    @Override
    public void close() throws IOException {
      try {
        reader.close();
      } finally {
        try {
          memory.close();
        } finally {
          channel.close();
        }
      }
    }
  }

  /** A cursor over all batches of the file, or over a single batch that is already loaded. */
  private static final class Cursor implements Batches {

    private final Reading reading;
    private final boolean all;
    private boolean loaded;
    private int rows;

    Cursor(Reading reading, boolean all) {
      this.reading = reading;
      this.all = all;
    }

    @Override
    public boolean next() throws IOException {
      if (all ? !reading.reader.loadNextBatch() : loaded) {
        return false;
      }
      loaded = true;
      VectorSchemaRoot root = reading.reader.getVectorSchemaRoot();
      rows = root.getRowCount();
      for (FieldVector vector : root.getFieldVectors()) {
        if (vector.getValueCount() != rows) {
          throw new IllegalArgumentException(
              "column "
                  + vector.getName()
                  + " has "
                  + vector.getValueCount()
                  + " of "
                  + rows
                  + " rows");
        }
      }
      return true;
    }

    @Override
    public int rows() {
      return rows;
    }

    @Override
    public Cells cells(int column) {
      try {
        FieldVector vector = reading.reader.getVectorSchemaRoot().getVector(column);
        DictionaryEncoding encoding = vector.getField().getDictionary();
        return encoding == null
            ? new VectorCells(vector)
            : new CodeCells(
                (BaseIntVector) vector, reading.reader.lookup(encoding.getId()).getVector());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() throws IOException {
      if (all) {
        reading.close();
      }
    }
  }

  private record VectorCells(FieldVector vector) implements Cells {

    @Override
    public void numbers(int from, int count, double[] numbers, int to, int step) {
      ArrowBuf data = vector.getDataBuffer();
      boolean nulls = vector.getNullCount() > 0;
      switch (vector) {
        case Float4Vector floats when !nulls -> {
          for (int i = 0; i < count; i++) {
            numbers[to + i * step] = data.getFloat((from + (long) i) * Float.BYTES);
          }
        }
        case Float8Vector doubles when !nulls -> {
          for (int i = 0; i < count; i++) {
            numbers[to + i * step] = data.getDouble((from + (long) i) * Double.BYTES);
          }
        }
        default -> Cells.super.numbers(from, count, numbers, to, step);
      }
    }

    @Override
    public boolean isMissing(int row) {
      return vector.isNull(row);
    }

    @Override
    public double number(int row) {
      return switch (vector) {
        case FloatingPointVector reals -> reals.getValueAsDouble(row);
        case UInt8Vector unsigned -> {
          long value = unsigned.getValueAsLong(row);
          yield value >= 0 ? value : 2.0 * ((value >>> 1) | (value & 1));
        }
        case BaseIntVector integers -> integers.getValueAsLong(row);
        default -> throw new IllegalArgumentException(vector.getName() + " is not numeric.");
      };
    }

    @Override
    public long integer(int row) {
      return vector instanceof BaseIntVector integers
          ? integers.getValueAsLong(row)
          : Cells.super.integer(row);
    }

    @Override
    public String text(int row) {
      if (vector.isNull(row)) {
        return "";
      }
      return switch (vector) {
        case FloatingPointVector reals -> String.valueOf(reals.getValueAsDouble(row));
        case UInt8Vector unsigned -> Long.toUnsignedString(unsigned.getValueAsLong(row));
        case BaseIntVector integers -> String.valueOf(integers.getValueAsLong(row));
        default -> {
          checkLength(vector, row);
          yield String.valueOf(vector.getObject(row));
        }
      };
    }
  }

  /** Checks the length of a string before memory is allocated for it. */
  private static void checkLength(FieldVector vector, int row) {
    long available = 0;
    for (ArrowBuf buffer : vector.getFieldBuffers()) {
      available += buffer.capacity();
    }
    long length =
        switch (vector) {
          case BaseVariableWidthVector texts ->
              (long) texts.getEndOffset(row) - texts.getStartOffset(row);
          case BaseLargeVariableWidthVector texts ->
              Math.subtractExact(
                  texts.getOffsetBuffer().getLong(Long.BYTES * (row + 1L)),
                  texts.getOffsetBuffer().getLong((long) Long.BYTES * row));
          case BaseVariableWidthViewVector texts -> texts.getValueLength(row);
          default -> 0;
        };
    if (length < 0 || length > available) {
      throw new IllegalArgumentException(
          "a text of " + length + " bytes in row " + row + " of column " + vector.getName());
    }
  }

  /** Cells with dictionary codes of strings. */
  private record CodeCells(BaseIntVector codes, FieldVector values) implements Cells {

    @Override
    public boolean isMissing(int row) {
      return ((FieldVector) codes).isNull(row) || values.isNull(code(row));
    }

    private int code(int row) {
      return Objects.checkIndex(Math.toIntExact(codes.getValueAsLong(row)), values.getValueCount());
    }

    @Override
    public double number(int row) {
      return Double.NaN;
    }

    @Override
    public String text(int row) {
      return isMissing(row) ? "" : new VectorCells(values).text(code(row));
    }
  }
}
