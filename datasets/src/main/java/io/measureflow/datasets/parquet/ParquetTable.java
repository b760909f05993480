package io.measureflow.datasets.parquet;

import dev.hardwood.InputFile;
import dev.hardwood.metadata.ColumnChunk;
import dev.hardwood.metadata.LogicalType;
import dev.hardwood.metadata.PhysicalType;
import dev.hardwood.metadata.RepetitionType;
import dev.hardwood.metadata.RowGroup;
import dev.hardwood.reader.ColumnReader;
import dev.hardwood.reader.ColumnReaders;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowGroupPredicate;
import dev.hardwood.reader.Validity;
import dev.hardwood.schema.ColumnProjection;
import dev.hardwood.schema.SchemaNode;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.MeasureFlowException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.datasets.format.Selection;
import io.measureflow.datasets.format.TableFile;
import io.measureflow.datasets.format.ValueType;
import io.measureflow.datasets.io.PandasMetadata;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntToLongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A table in a Parquet file. Rows are counted from 1. As in Arrow files, numbers, decimals and
 * truth values are features, text and dates may become some; nested columns are not.
 */
final class ParquetTable implements TableFile {

  private static final int MOST_BATCH_ROWS = 1 << 15;

  /** The values of a batch, of all columns. */
  private static final int BATCH_VALUES = 1 << 22;

  /** How many columns are compared with the wanted ones at most. */
  private static final long MOST_LOOKS = 1 << 20;

  /** Integers of more decimal digits may not fit into 64 bits. */
  private static final int MOST_DIGITS = 18;

  private final Path file;
  private final ParquetFileReader reader;
  private final List<SchemaNode> fields;
  private final List<Column> columns;

  private ParquetTable(Path file, ParquetFileReader reader) {
    this.file = file;
    this.reader = reader;
    fields = reader.getFileSchema().getRootNode().children();
    Set<String> index = PandasMetadata.index(reader.getFileMetaData().keyValueMetadata());
    columns =
        fields.stream()
            .map(ParquetTable::column)
            .map(
                column ->
                    index.contains(column.name()) ? column.setAside(PandasMetadata.INDEX) : column)
            .toList();
  }

  /** Reads the schema and checks the lengths of all pages. */
  static ParquetTable open(Path file) {
    try (FileChannel channel = FileChannel.open(file)) {
      ParquetPages.checkFooter(channel);
      ParquetFileReader reader = ParquetFileReader.open(new ChannelInput(file));
      try {
        ParquetPages.check(file, channel, reader.getFileMetaData());
        return new ParquetTable(file, reader);
      } catch (IOException | RuntimeException e) {
        reader.close();
        throw e;
      }
    } catch (MeasureFlowException e) {
      throw e;
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      // A damaged length may request any amount of memory.
      throw malformed(file, e);
    }
  }

  private static InvalidRequestException malformed(Path file, Throwable e) {
    return new InvalidRequestException(
        file
            + ": expected a Parquet file, found data that cannot be read ("
            + AtomicFile.reason(e)
            + "). Write the file again, for example with pyarrow and compression snappy.",
        e);
  }

  private static Column column(SchemaNode field) {
    if (!(field instanceof SchemaNode.PrimitiveNode node)
        || node.repetitionType() == RepetitionType.REPEATED) {
      return new Column(field.name(), Kind.OTHER, "a nested column");
    }
    if (node.logicalType() instanceof LogicalType.NullType && node.type() == PhysicalType.INT32) {
      // As pandas writes a column without any value; it may be one of numbers, or of text.
      return new Column(node.name(), Kind.REAL, "null").setAside("without any value");
    }
    boolean nullable = node.repetitionType() == RepetitionType.OPTIONAL;
    Optional<ValueType> values = values(node);
    Kind kind =
        values
            .map(
                type ->
                    switch (type) {
                      case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64 -> Kind.INTEGER;
                      case FLOAT16, FLOAT32, FLOAT64 -> Kind.REAL;
                      case BOOLEAN -> Kind.TRUTH;
                      case TEXT -> Kind.TEXT;
                    })
            .orElse(ticksOfADay(node) > 0 ? Kind.DATE : Kind.OTHER);
    return new Column(node.name(), kind, type(node), values, nullable);
  }

  /** The type of a column as files speak of it, where they have a word for it. */
  private static String type(SchemaNode.PrimitiveNode node) {
    return switch (node.logicalType()) {
      case null ->
          isText(node)
              ? "text"
              : node.type() == PhysicalType.INT96 ? "timestamp" : node.type().toString();
      case LogicalType.DecimalType decimal ->
          "decimal(" + decimal.precision() + ", " + decimal.scale() + ")";
      case LogicalType.IntType integers ->
          (integers.isSigned() ? "int" : "uint") + integers.bitWidth();
      case LogicalType.DateType date -> "date";
      case LogicalType.TimeType time -> "time";
      case LogicalType.TimestampType time -> "timestamp";
      case LogicalType.StringType text -> "text";
      case LogicalType.EnumType text -> "text";
      case LogicalType.Float16Type half -> "FLOAT16";
      default -> node.type() + " " + node.logicalType();
    };
  }

  /** In how many parts a column of dates or times counts a day; 0 for other columns. */
  private static double ticksOfADay(SchemaNode.PrimitiveNode node) {
    if (node.type() != PhysicalType.INT32 && node.type() != PhysicalType.INT64) {
      return 0;
    }
    return switch (node.logicalType()) {
      case LogicalType.DateType date -> 1;
      case LogicalType.TimeType time -> ticksOfADay(time.unit());
      case LogicalType.TimestampType time -> ticksOfADay(time.unit());
      case null, default -> 0;
    };
  }

  private static double ticksOfADay(LogicalType.TimeUnit unit) {
    return 86_400
        * switch (unit) {
          case MILLIS -> 1e3;
          case MICROS -> 1e6;
          case NANOS -> 1e9;
        };
  }

  /** What a column holds, if a loader can read it. */
  private static Optional<ValueType> values(SchemaNode.PrimitiveNode node) {
    if (node.logicalType() instanceof LogicalType.DecimalType decimal) {
      return switch (node.type()) {
        case INT32, INT64, FIXED_LEN_BYTE_ARRAY, BYTE_ARRAY ->
            Optional.of(
                decimal.scale() == 0 && decimal.precision() <= MOST_DIGITS
                    ? ValueType.INT64
                    : ValueType.FLOAT64);
        case FLOAT, DOUBLE, BOOLEAN, INT96 -> Optional.empty();
      };
    }
    return switch (node.type()) {
      case FLOAT -> Optional.of(ValueType.FLOAT32);
      case DOUBLE -> Optional.of(ValueType.FLOAT64);
      case INT32, INT64 ->
          switch (node.logicalType()) {
            case null ->
                Optional.of(node.type() == PhysicalType.INT32 ? ValueType.INT32 : ValueType.INT64);
            case LogicalType.IntType integers ->
                Optional.of(ValueType.integer(integers.bitWidth(), integers.isSigned()));
            default -> Optional.empty();
          };
      case FIXED_LEN_BYTE_ARRAY ->
          node.logicalType() instanceof LogicalType.Float16Type
              ? Optional.of(ValueType.FLOAT16)
              : Optional.empty();
      case BOOLEAN -> Optional.of(ValueType.BOOLEAN);
      case BYTE_ARRAY -> isText(node) ? Optional.of(ValueType.TEXT) : Optional.empty();
      case INT96 -> Optional.empty();
    };
  }

  /** Strings with the annotation, and without it as some writers leave them. */
  private static boolean isText(SchemaNode.PrimitiveNode node) {
    return node.type() == PhysicalType.BYTE_ARRAY
        && (node.logicalType() == null
            || node.logicalType() instanceof LogicalType.StringType
            || node.logicalType() instanceof LogicalType.EnumType);
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
  public Batches read(Selection columns) {
    return new Cursor(columns, reader.getFileMetaData().numRows(), null);
  }

  @Override
  public int blocks() {
    return reader.getFileMetaData().rowGroups().size();
  }

  @Override
  public Batches readBlock(Selection columns, int block) {
    RowGroup group = reader.getFileMetaData().rowGroups().get(block);
    long start = Long.MAX_VALUE;
    long end = 0;
    for (ColumnChunk chunk : group.columns()) {
      start = Math.min(start, chunk.chunkStartOffset());
      end = Math.max(end, chunk.chunkStartOffset() + chunk.metaData().totalCompressedSize());
    }
    return new Cursor(columns, group.numRows(), RowGroupPredicate.byteRange(start, end));
  }

  @Override
  public InvalidRequestException malformed(Throwable cause) {
    return malformed(file, cause);
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }

  /** A cursor over the batches of the file or of a row group. */
  private final class Cursor implements Batches {

    private final ColumnReaders readers;
    private final Map<Integer, Integer> places = new HashMap<>();
    private final long expected;
    private long seen;
    private int rows;

    Cursor(Selection selection, long expected, @Nullable RowGroupPredicate group) {
      this.expected = expected;
      var wanted = new ArrayList<SchemaNode.PrimitiveNode>();
      for (int i = 0; i < fields.size(); i++) {
        if (selection.wants(i) && fields.get(i) instanceof SchemaNode.PrimitiveNode node) {
          places.put(i, wanted.size());
          wanted.add(node);
        }
      }
      // The projection would take a dot in a name for a path, and looks for each name in all.
      boolean all =
          wanted.stream().anyMatch(node -> node.name().contains("."))
              || (long) wanted.size() * fields.size() > MOST_LOOKS;
      if (all) {
        places.replaceAll(
            (field, place) -> ((SchemaNode.PrimitiveNode) fields.get(field)).columnIndex());
      }
      ColumnProjection projection =
          all
              ? ColumnProjection.all()
              : ColumnProjection.columns(
                  wanted.stream().map(SchemaNode::name).toArray(String[]::new));
      var builder = reader.buildColumnReaders(projection);
      // The usual size of batches is meant for whole files, and takes memory for as many rows.
      int most = Math.clamp(BATCH_VALUES / Math.max(1, wanted.size()), 1, MOST_BATCH_ROWS);
      int batch = Math.clamp(expected, 1, most);
      readers =
          guarded(() -> (group == null ? builder : builder.filter(group)).batchSize(batch).build());
    }

    private <T> T guarded(Supplier<T> reading) {
      try {
        return reading.get();
      } catch (RuntimeException | OutOfMemoryError e) {
        throw malformed(e);
      }
    }

    @Override
    public boolean next() {
      if (seen == expected) {
        // Does not request another batch, since the reader waits for some time before reporting the
        // end.
        return false;
      }
      boolean more = guarded(readers::nextBatch);
      rows = more ? readers.getRecordCount() : 0;
      seen += rows;
      if (!more || seen > expected) {
        throw malformed(new IOException(seen + " of " + expected + " rows"));
      }
      return true;
    }

    @Override
    public int rows() {
      return rows;
    }

    @Override
    public Cells cells(int column) {
      Integer place = places.get(column);
      if (place == null || !(fields.get(column) instanceof SchemaNode.PrimitiveNode node)) {
        throw new IllegalArgumentException("column " + column + " is not read");
      }
      return guarded(() -> cells(node, readers.getColumnReader(place)));
    }

    private Cells cells(SchemaNode.PrimitiveNode node, ColumnReader column) {
      if (column.getValueCount() != rows) {
        throw new IllegalStateException(
            "column " + node.name() + " has " + column.getValueCount() + " of " + rows + " rows");
      }
      Validity validity = column.getLeafValidity();
      IntPredicate missing = validity.hasNulls() ? validity::isNull : row -> false;
      return new BatchCells(
          missing,
          isText(node) ? row -> Double.NaN : numbers(node, column),
          integers(node, column),
          texts(node, column),
          switch (node.type()) {
            // Buffers hold numbers as they are.
            case FLOAT -> FloatBuffer.wrap(column.getFloats());
            case DOUBLE -> DoubleBuffer.wrap(column.getDoubles());
            case INT32, INT64, BOOLEAN, INT96, BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY ->
                FloatBuffer.allocate(0);
          });
    }

    @Override
    public void close() {
      readers.close();
    }
  }

  /**
   * Cells of any type.
   *
   * @param values all of the numbers in a buffer of their own type, or an empty buffer
   */
  private record BatchCells(
      IntPredicate missing,
      IntToDoubleFunction numbers,
      IntToLongFunction integers,
      IntFunction<String> texts,
      Buffer values)
      implements Cells {

    @Override
    public void numbers(int from, int count, double[] target, int to, int step) {
      switch (values) {
        case FloatBuffer floats when floats.capacity() > 0 -> {
          float[] array = floats.array();
          for (int i = 0; i < count; i++) {
            target[to + i * step] = array[from + i];
          }
        }
        case DoubleBuffer doubles -> {
          double[] array = doubles.array();
          for (int i = 0; i < count; i++) {
            target[to + i * step] = array[from + i];
          }
        }
        default -> {
          for (int i = 0; i < count; i++) {
            target[to + i * step] = numbers.applyAsDouble(from + i);
          }
        }
      }
      for (int i = 0; i < count; i++) {
        if (missing.test(from + i)) {
          target[to + i * step] = Double.NaN;
        }
      }
    }

    @Override
    public boolean isMissing(int row) {
      return missing.test(row);
    }

    @Override
    public double number(int row) {
      return numbers.applyAsDouble(row);
    }

    @Override
    public long integer(int row) {
      return integers.applyAsLong(row);
    }

    @Override
    public String text(int row) {
      return missing.test(row) ? "" : texts.apply(row);
    }
  }

  /** Returns the numbers of the current batch. */
  private static IntToDoubleFunction numbers(SchemaNode.PrimitiveNode node, ColumnReader column) {
    if (node.logicalType() instanceof LogicalType.DecimalType) {
      IntFunction<@Nullable BigDecimal> decimals = decimals(node, column);
      return row -> {
        BigDecimal value = decimals.apply(row);
        return value == null ? Double.NaN : value.doubleValue();
      };
    }
    double day = ticksOfADay(node);
    if (day > 0) {
      return dates(node, column, day);
    }
    boolean unsigned = isUnsigned(node);
    return switch (node.type()) {
      case FLOAT -> {
        float[] values = column.getFloats();
        yield row -> values[row];
      }
      case DOUBLE -> {
        double[] values = column.getDoubles();
        yield row -> values[row];
      }
      case INT32 -> {
        int[] values = column.getInts();
        yield unsigned ? row -> Integer.toUnsignedLong(values[row]) : row -> values[row];
      }
      case INT64 -> {
        long[] values = column.getLongs();
        yield row ->
            unsigned && values[row] < 0
                ? 2.0 * ((values[row] >>> 1) | (values[row] & 1))
                : values[row];
      }
      case FIXED_LEN_BYTE_ARRAY -> {
        byte[] @Nullable [] values = column.getBinaries();
        yield row -> {
          byte @Nullable [] value = values[row];
          return value == null
              ? Double.NaN
              : Float.float16ToFloat(
                  ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getShort());
        };
      }
      case BOOLEAN -> {
        boolean[] values = column.getBooleans();
        yield row -> values[row] ? 1 : 0;
      }
      case INT96, BYTE_ARRAY ->
          throw new IllegalArgumentException(node.name() + " is not numeric.");
    };
  }

  /** The dates of the current batch, in days. */
  private static IntToDoubleFunction dates(
      SchemaNode.PrimitiveNode node, ColumnReader column, double ticksOfADay) {
    if (node.type() == PhysicalType.INT32) {
      int[] values = column.getInts();
      return row -> values[row] / ticksOfADay;
    }
    long[] values = column.getLongs();
    return row -> values[row] / ticksOfADay;
  }

  /**
   * The decimals of the current batch: integers of any width, highest byte first, over 10^scale.
   */
  private static IntFunction<@Nullable BigDecimal> decimals(
      SchemaNode.PrimitiveNode node, ColumnReader column) {
    int scale = node.logicalType() instanceof LogicalType.DecimalType decimal ? decimal.scale() : 0;
    return switch (node.type()) {
      case INT32 -> {
        int[] values = column.getInts();
        yield row -> BigDecimal.valueOf(values[row], scale);
      }
      case INT64 -> {
        long[] values = column.getLongs();
        yield row -> BigDecimal.valueOf(values[row], scale);
      }
      case FIXED_LEN_BYTE_ARRAY, BYTE_ARRAY -> {
        byte[] @Nullable [] values = column.getBinaries();
        yield row -> {
          byte @Nullable [] value = values[row];
          return value == null || value.length == 0
              ? null
              : new BigDecimal(new BigInteger(value), scale);
        };
      }
      case FLOAT, DOUBLE, BOOLEAN, INT96 ->
          throw new IllegalArgumentException(node.name() + " holds no decimals.");
    };
  }

  /** The integers of the current batch. */
  private static IntToLongFunction integers(SchemaNode.PrimitiveNode node, ColumnReader column) {
    if (node.logicalType() instanceof LogicalType.DecimalType) {
      IntFunction<@Nullable BigDecimal> decimals = decimals(node, column);
      return row -> {
        BigDecimal value = decimals.apply(row);
        return value == null ? 0 : value.longValueExact();
      };
    }
    boolean unsigned = isUnsigned(node);
    return switch (node.type()) {
      case INT32 -> {
        int[] values = column.getInts();
        yield unsigned ? row -> Integer.toUnsignedLong(values[row]) : row -> values[row];
      }
      case INT64 -> {
        long[] values = column.getLongs();
        yield row -> values[row];
      }
      case FLOAT, DOUBLE, BOOLEAN, INT96, BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY ->
          row -> {
            throw new IllegalStateException(node.name() + " holds no integers");
          };
    };
  }

  /** Returns the texts of the current batch. */
  private static IntFunction<String> texts(SchemaNode.PrimitiveNode node, ColumnReader column) {
    if (node.logicalType() instanceof LogicalType.DecimalType) {
      IntFunction<@Nullable BigDecimal> decimals = decimals(node, column);
      return row -> {
        BigDecimal value = decimals.apply(row);
        return value == null ? "" : value.toPlainString();
      };
    }
    return switch (node.type()) {
      case BOOLEAN -> {
        boolean[] values = column.getBooleans();
        yield row -> String.valueOf(values[row]);
      }
      case BYTE_ARRAY -> {
        String[] values = column.getStrings();
        yield row -> values[row];
      }
      case INT64 -> {
        long[] values = column.getLongs();
        boolean unsigned = isUnsigned(node);
        yield row -> unsigned ? Long.toUnsignedString(values[row]) : String.valueOf(values[row]);
      }
      case INT32 -> {
        IntToDoubleFunction numbers = numbers(node, column);
        yield row -> String.valueOf((long) numbers.applyAsDouble(row));
      }
      case FLOAT, DOUBLE, FIXED_LEN_BYTE_ARRAY, INT96 -> {
        IntToDoubleFunction numbers = numbers(node, column);
        yield row -> String.valueOf(numbers.applyAsDouble(row));
      }
    };
  }

  private static boolean isUnsigned(SchemaNode.PrimitiveNode node) {
    return node.logicalType() instanceof LogicalType.IntType integers && !integers.isSigned();
  }

  /** A file that is read rather than mapped, so that its content does not stay in the process. */
  private static final class ChannelInput implements InputFile {

    private final Path path;
    private @Nullable FileChannel channel;

    ChannelInput(Path path) {
      this.path = path;
    }

    @Override
    public synchronized void open() throws IOException {
      if (channel == null) {
        channel = FileChannel.open(path);
      }
    }

    private synchronized FileChannel channel() throws IOException {
      if (channel == null) {
        throw new IOException(path + " is not open");
      }
      return channel;
    }

    @Override
    public ByteBuffer readRange(long offset, int length) throws IOException {
      FileChannel from = channel();
      // A reader that searches for missing data requests zero bytes again and again.
      if (offset < 0 || length < 1 || length > from.size() - offset) {
        throw new IOException(length + " bytes announced at byte " + offset + " of " + from.size());
      }
      ByteBuffer bytes = ByteBuffer.allocate(length);
      while (bytes.hasRemaining()) {
        if (from.read(bytes, offset + bytes.position()) < 0) {
          throw new IOException("the file has become shorter while it was read");
        }
      }
      return bytes.flip();
    }

    @Override
    public long length() throws IOException {
      return channel().size();
    }

    @Override
    public String name() {
      return path.toString();
    }

    @Override
    public synchronized void close() throws IOException {
      if (channel != null) {
        channel.close();
      }
    }
  }
}
