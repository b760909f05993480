package io.measureflow.datasets.arrow;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.datasets.format.Selection;
import io.measureflow.datasets.format.TableFile;
import io.measureflow.datasets.format.ValueType;
import io.measureflow.datasets.io.PandasMetadata;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.BaseLargeVariableWidthVector;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.BaseVariableWidthViewVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.DateMilliVector;
import org.apache.arrow.vector.Decimal256Vector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.FloatingPointVector;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.TimeMicroVector;
import org.apache.arrow.vector.TimeMilliVector;
import org.apache.arrow.vector.TimeNanoVector;
import org.apache.arrow.vector.TimeSecVector;
import org.apache.arrow.vector.TimeStampVector;
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

  /** Integers of more decimal digits may not fit into 64 bits. */
  private static final int MOST_DIGITS = 18;

  private static final double DAY_SECONDS = 86_400;

  private final Path file;
  private final Reading opened;
  private final List<Column> columns;
  private final List<ArrowBlock> blocks;

  private ArrowIpcTable(Path file, Reading opened) throws IOException {
    this.file = file;
    this.opened = opened;
    VectorSchemaRoot root = opened.reader.getVectorSchemaRoot();
    Set<String> index = PandasMetadata.index(root.getSchema().getCustomMetadata());
    columns =
        root.getFieldVectors().stream()
            .map(vector -> column(vector, opened.reader))
            .map(
                column ->
                    index.contains(column.name()) ? column.setAside(PandasMetadata.INDEX) : column)
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
            + ": expected an Arrow IPC file or stream, found malformed data ("
            + AtomicFile.reason(cause)
            + "). Write the file again, for example with pyarrow.",
        cause);
  }

  private static Column column(FieldVector vector, ArrowReader reader) {
    DictionaryEncoding encoding = vector.getField().getDictionary();
    // Codes are no numbers; what they stand for may be.
    FieldVector cells = encoding == null ? vector : reader.lookup(encoding.getId()).getVector();
    ArrowType type = cells.getField().getType();
    if (cells instanceof NullVector) {
      // As pandas writes a column without any value; it may be one of numbers, or of text.
      return new Column(vector.getName(), Kind.REAL, "null").setAside("without any value");
    }
    Kind kind =
        switch (cells) {
          case BaseIntVector integers -> Kind.INTEGER;
          case FloatingPointVector reals -> Kind.REAL;
          case DecimalVector decimals -> isInteger(type) ? Kind.INTEGER : Kind.REAL;
          case Decimal256Vector decimals -> isInteger(type) ? Kind.INTEGER : Kind.REAL;
          case VarCharVector text -> Kind.TEXT;
          case LargeVarCharVector text -> Kind.TEXT;
          case ViewVarCharVector text -> Kind.TEXT;
          case BitVector truth -> Kind.TRUTH;
          case TimeStampVector dates -> Kind.DATE;
          case DateDayVector dates -> Kind.DATE;
          case DateMilliVector dates -> Kind.DATE;
          case TimeSecVector times -> Kind.DATE;
          case TimeMilliVector times -> Kind.DATE;
          case TimeMicroVector times -> Kind.DATE;
          case TimeNanoVector times -> Kind.DATE;
          default -> Kind.OTHER;
        };
    Optional<ValueType> values =
        switch (kind) {
          case INTEGER, NUMERAL, REAL -> number(type);
          case TEXT -> Optional.of(ValueType.TEXT);
          case TRUTH -> Optional.of(ValueType.BOOLEAN);
          case DATE, OTHER -> Optional.empty();
        };
    return new Column(
        vector.getName(),
        kind,
        String.valueOf(type),
        values,
        vector.getField().isNullable() || encoding != null);
  }

  /** Whether the decimals of a column are integers of 64 bits. */
  private static boolean isInteger(ArrowType type) {
    return type instanceof ArrowType.Decimal decimal
        && decimal.getScale() == 0
        && decimal.getPrecision() <= MOST_DIGITS;
  }

  private static Optional<ValueType> number(ArrowType type) {
    return switch (type) {
      case ArrowType.Int integers ->
          Optional.of(ValueType.integer(integers.getBitWidth(), integers.getIsSigned()));
      case ArrowType.FloatingPoint reals ->
          Optional.of(
              switch (reals.getPrecision()) {
                case HALF -> ValueType.FLOAT16;
                case SINGLE -> ValueType.FLOAT32;
                case DOUBLE -> ValueType.FLOAT64;
              });
      case ArrowType.Decimal decimal ->
          Optional.of(isInteger(decimal) ? ValueType.INT64 : ValueType.FLOAT64);
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
        long inflated = ArrowFrames.check(channel);
        // Sizes are rounded up to powers of two.
        memory =
            new ReaderMemory(
                Math.addExact(Math.multiplyExact(2, channel.size() + inflated), SLACK));
        reader =
            ArrowFrames.isFile(channel)
                ? new DeltaReader(channel, memory)
                : new ArrowStreamReader(channel, memory, new ArrowCodecs());
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

  /** Reads all dictionaries of a file: Arrow's own reader stops after one for each column. */
  private static final class DeltaReader extends ArrowFileReader {

    private boolean begun;

    DeltaReader(FileChannel channel, ReaderMemory memory) {
      super(channel, memory, new ArrowCodecs());
    }

    @Override
    protected void ensureInitialized() throws IOException {
      super.ensureInitialized();
      if (!begun) {
        begun = true; // What follows comes here again.
        loadMoreDictionaries();
      }
    }

    private void loadMoreDictionaries() throws IOException {
      if (!getRecordBlocks().isEmpty()) {
        for (int i = dictionaries.size(); i < getDictionaryBlocks().size(); i++) {
          loadDictionary(readDictionary());
        }
      }
    }
  }

  /** The batches of the file, or one of them, which is loaded already. */
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
      boolean nulls = vector.getNullCount() > 0;
      switch (vector) {
        case Float4Vector floats when !nulls -> {
          ArrowBuf data = floats.getDataBuffer();
          for (int i = 0; i < count; i++) {
            numbers[to + i * step] = data.getFloat((from + (long) i) * Float.BYTES);
          }
        }
        case Float8Vector doubles when !nulls -> {
          ArrowBuf data = doubles.getDataBuffer();
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
        case BitVector truth -> truth.get(row);
        case DecimalVector decimals -> decimals.getObject(row).doubleValue();
        case Decimal256Vector decimals -> decimals.getObject(row).doubleValue();
        case TimeStampVector dates -> dates.get(row) / ticksOfADay(dates);
        case DateDayVector dates -> dates.get(row);
        case DateMilliVector dates -> dates.get(row) / (DAY_SECONDS * 1e3);
        case TimeSecVector times -> times.get(row) / DAY_SECONDS;
        case TimeMilliVector times -> times.get(row) / (DAY_SECONDS * 1e3);
        case TimeMicroVector times -> times.get(row) / (DAY_SECONDS * 1e6);
        case TimeNanoVector times -> times.get(row) / (DAY_SECONDS * 1e9);
        default -> throw new IllegalArgumentException(vector.getName() + " is not numeric.");
      };
    }

    private static double ticksOfADay(TimeStampVector dates) {
      return dates.getField().getType() instanceof ArrowType.Timestamp timestamp
          ? DAY_SECONDS
              * switch (timestamp.getUnit()) {
                case SECOND -> 1;
                case MILLISECOND -> 1e3;
                case MICROSECOND -> 1e6;
                case NANOSECOND -> 1e9;
              }
          : DAY_SECONDS;
    }

    @Override
    public long integer(int row) {
      return switch (vector) {
        case BaseIntVector integers -> integers.getValueAsLong(row);
        case DecimalVector decimals -> decimals.getObject(row).longValueExact();
        case Decimal256Vector decimals -> decimals.getObject(row).longValueExact();
        default -> Cells.super.integer(row);
      };
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

  /** Cells that hold the numbers of values. */
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
      return isMissing(row) ? Double.NaN : new VectorCells(values).number(code(row));
    }

    @Override
    public long integer(int row) {
      return new VectorCells(values).integer(code(row));
    }

    @Override
    public String text(int row) {
      return isMissing(row) ? "" : new VectorCells(values).text(code(row));
    }
  }
}
