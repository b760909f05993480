package io.measureflow.datasets.parquet;

import io.measureflow.datasets.format.Field;
import io.measureflow.datasets.format.TableFile.Cells;
import io.measureflow.datasets.format.TableWriter;
import io.measureflow.datasets.format.ValueType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.xerial.snappy.Snappy;

/**
 * Writes a Parquet file of flat columns: format version 1, plain encoding, one page per column of a
 * row group, compressed by snappy if that makes it smaller; readable by every reader.
 *
 * <p>Implemented here because the only writer on the JVM depends on Hadoop, for tables as simple as
 * these. Needs memory for one row group.
 */
final class ParquetTableWriter implements TableWriter {

  private static final ByteBuffer MAGIC =
      ByteBuffer.wrap("PAR1".getBytes(StandardCharsets.US_ASCII)).asReadOnlyBuffer();

  /** A row group is written at this many bytes of values, or this many rows. */
  private static final int GROUP_BYTES = 1 << 22;

  private static final int GROUP_ROWS = 1 << 18;

  /** The maximum number of rows taken from one column before the next. */
  private static final int SLICE = 1 << 10;

  // The numbers assigned by Parquet's Thrift definition.
  private static final int REQUIRED = 0;
  private static final int OPTIONAL = 1;
  private static final int PLAIN = 0;
  private static final int RLE = 3;
  private static final int UNCOMPRESSED = 0;
  private static final int SNAPPY = 1;
  private static final int DATA_PAGE = 0;

  /** The physical types. */
  private enum Physical {
    BOOLEAN(0),
    INT32(1),
    INT64(2),
    FLOAT(4),
    DOUBLE(5),
    BYTE_ARRAY(6),
    FIXED_LEN_BYTE_ARRAY(7);

    private final int number;

    Physical(int number) {
      this.number = number;
    }

    static Physical of(ValueType type) {
      return switch (type) {
        case INT8, INT16, INT32, UINT8, UINT16, UINT32 -> INT32;
        case INT64, UINT64 -> INT64;
        case FLOAT16 -> FIXED_LEN_BYTE_ARRAY;
        case FLOAT32 -> FLOAT;
        case FLOAT64 -> DOUBLE;
        case BOOLEAN -> BOOLEAN;
        case TEXT -> BYTE_ARRAY;
      };
    }
  }

  /** The columns of some rows, one after another in the file. */
  private record RowGroup(int rows, List<Chunk> chunks) {

    long bytes() {
      return chunks.stream().mapToLong(Chunk::bytes).sum();
    }
  }

  /**
   * One column of a row group.
   *
   * @param bytes its size before compression, with the header of the page
   * @param stored its size in the file
   */
  private record Chunk(Field field, long offset, long bytes, long stored, int codec) {}

  /** The values of a column until their row group is written. */
  private static final class Values {
    private final Field field;
    private ByteBuffer bytes = ByteBuffer.allocate(1 << 10).order(ByteOrder.LITTLE_ENDIAN);

    /** One bit per row: whether there is a value. */
    private byte[] present = new byte[Byte.SIZE];

    private int rows;
    private int missing;
    private int truths;

    Values(Field field) {
      this.field = field;
    }

    private ByteBuffer room(int size) {
      if (bytes.remaining() < size) {
        int larger = Math.max(Math.multiplyExact(2, bytes.capacity()), bytes.position() + size);
        bytes = ByteBuffer.allocate(larger).order(ByteOrder.LITTLE_ENDIAN).put(bytes.flip());
      }
      return bytes;
    }

    void add(Cells cells, int row) {
      if (rows / Byte.SIZE == present.length) {
        present = Arrays.copyOf(present, 2 * present.length);
      }
      if (cells.isMissing(row)) {
        if (!field.nullable()) {
          throw new IllegalStateException(
              "no value in column " + field.name() + ", whose values are said to be there");
        }
        missing++;
        rows++;
        return;
      }
      present[rows / Byte.SIZE] |= (byte) (1 << rows % Byte.SIZE);
      rows++;
      switch (field.type()) {
        case INT8, INT16, INT32, UINT8, UINT16, UINT32 ->
            room(Integer.BYTES).putInt((int) cells.integer(row));
        case INT64, UINT64 -> room(Long.BYTES).putLong(cells.integer(row));
        case FLOAT16 -> room(Short.BYTES).putShort(Float.floatToFloat16((float) cells.number(row)));
        case FLOAT32 -> room(Float.BYTES).putFloat((float) cells.number(row));
        case FLOAT64 -> room(Double.BYTES).putDouble(cells.number(row));
        case BOOLEAN -> add(Boolean.parseBoolean(cells.text(row)));
        case TEXT -> {
          byte[] text = cells.text(row).getBytes(StandardCharsets.UTF_8);
          room(Integer.BYTES + text.length).putInt(text.length).put(text);
        }
      }
    }

    /** Adds a boolean as one bit. */
    private void add(boolean truth) {
      if (truths % Byte.SIZE == 0) {
        room(1).put((byte) 0);
      }
      if (truth) {
        int at = bytes.position() - 1;
        bytes.put(at, (byte) (bytes.get(at) | 1 << truths % Byte.SIZE));
      }
      truths++;
    }

    /** Returns the page: first the bits of which values are present, then the values. */
    byte[] page() {
      byte[] levels = field.nullable() ? levels() : new byte[0];
      ByteBuffer page =
          ByteBuffer.allocate(
                  (field.nullable() ? Integer.BYTES : 0) + levels.length + bytes.position())
              .order(ByteOrder.LITTLE_ENDIAN);
      if (field.nullable()) {
        page.putInt(levels.length).put(levels);
      }
      return page.put(bytes.flip()).array();
    }

    /** Encodes definition levels: one run if nothing is missing, else packed bits. */
    private byte[] levels() {
      int packed = Math.ceilDiv(rows, Byte.SIZE);
      ByteBuffer levels = ByteBuffer.allocate(2 * Integer.BYTES + packed);
      int header = missing == 0 ? rows << 1 : packed << 1 | 1;
      while (header > 0x7f) {
        levels.put((byte) ((header & 0x7f) | 0x80));
        header >>>= 7;
      }
      levels.put((byte) header);
      if (missing == 0) {
        levels.put((byte) 1);
      } else {
        levels.put(present, 0, packed);
      }
      return Arrays.copyOf(levels.array(), levels.position());
    }

    void clear() {
      bytes.clear();
      Arrays.fill(present, (byte) 0);
      rows = 0;
      missing = 0;
      truths = 0;
    }
  }

  private final WritableByteChannel output;
  private final List<Values> columns;
  private final List<RowGroup> groups = new ArrayList<>();
  private int kept;
  private long position;
  private long total;

  ParquetTableWriter(WritableByteChannel output, List<Field> fields) throws IOException {
    this.output = output;
    columns = fields.stream().map(Values::new).toList();
    write(MAGIC.duplicate());
  }

  @Override
  public void append(Cells[] cells, int rows) throws IOException {
    int slice = Math.clamp(GROUP_BYTES / Long.BYTES / cells.length, 1, SLICE);
    int from = 0;
    while (from < rows) {
      int n = Math.min(slice, Math.min(rows - from, GROUP_ROWS - kept));
      long bytes = 0;
      for (int j = 0; j < cells.length; j++) {
        Values column = columns.get(j);
        for (int i = 0; i < n; i++) {
          column.add(cells[j], from + i);
        }
        bytes += column.bytes.position();
      }
      kept += n;
      from += n;
      if (kept == GROUP_ROWS || bytes >= GROUP_BYTES) {
        writeGroup();
      }
    }
  }

  private void writeGroup() throws IOException {
    var chunks = new ArrayList<Chunk>();
    for (Values column : columns) {
      byte[] page = column.page();
      column.clear();
      byte[] compressed = Snappy.compress(page);
      boolean smaller = compressed.length < page.length;
      byte[] stored = smaller ? compressed : page;
      byte[] header = pageHeader(page.length, stored.length, kept);
      chunks.add(
          new Chunk(
              column.field,
              position,
              header.length + page.length,
              header.length + stored.length,
              smaller ? SNAPPY : UNCOMPRESSED));
      write(ByteBuffer.wrap(header));
      write(ByteBuffer.wrap(stored));
    }
    groups.add(new RowGroup(kept, chunks));
    total += kept;
    kept = 0;
  }

  private static byte[] pageHeader(int bytes, int stored, int rows) {
    return ThriftOutput.struct(
        header ->
            header
                .i32(1, DATA_PAGE)
                .i32(2, bytes)
                .i32(3, stored)
                .struct(5, page -> page.i32(1, rows).i32(2, PLAIN).i32(3, RLE).i32(4, RLE)));
  }

  @Override
  public void finish() throws IOException {
    if (kept > 0) {
      writeGroup();
    }
    byte[] footer = footer();
    write(ByteBuffer.wrap(footer));
    write(
        ByteBuffer.allocate(Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(footer.length)
            .flip());
    write(MAGIC.duplicate());
  }

  private byte[] footer() {
    // The root of the schema, which is not a column, comes first.
    var schema = new ArrayList<ThriftPart>();
    schema.add(root -> root.string(4, "schema").i32(5, columns.size()));
    columns.forEach(column -> schema.add(element -> element(element, column.field)));
    return ThriftOutput.struct(
        file ->
            file.i32(1, 1)
                .structs(2, schema, (out, part) -> part.write(out))
                .i64(3, total)
                .structs(4, groups, ParquetTableWriter::group)
                .string(6, "measureflow"));
  }

  /** An element of the schema. */
  private interface ThriftPart {
    void write(ThriftOutput out);
  }

  private static void element(ThriftOutput out, Field field) {
    out.i32(1, Physical.of(field.type()).number);
    if (field.type() == ValueType.FLOAT16) {
      out.i32(2, Short.BYTES);
    }
    out.i32(3, field.nullable() ? OPTIONAL : REQUIRED).string(4, field.name());
    // The older annotation, then the one that replaces it.
    switch (field.type()) {
      case TEXT -> out.i32(6, 0).struct(10, type -> type.struct(1, string -> {}));
      case UINT8 -> integer(out, 11, Byte.SIZE, false);
      case UINT16 -> integer(out, 12, Short.SIZE, false);
      case UINT32 -> integer(out, 13, Integer.SIZE, false);
      case UINT64 -> integer(out, 14, Long.SIZE, false);
      case INT8 -> integer(out, 15, Byte.SIZE, true);
      case INT16 -> integer(out, 16, Short.SIZE, true);
      case FLOAT16 -> out.struct(10, type -> type.struct(15, half -> {}));
      case INT32, INT64, FLOAT32, FLOAT64, BOOLEAN -> {}
    }
  }

  private static void integer(ThriftOutput out, int converted, int bits, boolean signed) {
    out.i32(6, converted)
        .struct(10, type -> type.struct(10, integer -> integer.i8(1, bits).bool(2, signed)));
  }

  private static void group(ThriftOutput out, RowGroup group) {
    out.structs(1, group.chunks(), (column, chunk) -> chunk(column, chunk, group.rows()))
        .i64(2, group.bytes())
        .i64(3, group.rows());
  }

  private static void chunk(ThriftOutput out, Chunk chunk, int rows) {
    out.i64(2, chunk.offset())
        .struct(
            3,
            metadata ->
                metadata
                    .i32(1, Physical.of(chunk.field().type()).number)
                    .i32s(2, List.of(PLAIN, RLE))
                    .strings(3, List.of(chunk.field().name()))
                    .i32(4, chunk.codec())
                    .i64(5, rows)
                    .i64(6, chunk.bytes())
                    .i64(7, chunk.stored())
                    .i64(9, chunk.offset()));
  }

  private void write(ByteBuffer bytes) throws IOException {
    position += bytes.remaining();
    output.write(bytes);
  }

  @Override
  public void close() {}
}
