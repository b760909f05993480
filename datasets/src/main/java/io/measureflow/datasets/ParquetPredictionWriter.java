package io.measureflow.datasets;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.PredictionWriter;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Writes predictions as a Parquet file, one required column of FLOAT or DOUBLE for each output:
 * version 1 of the format, plain encoding, no compression, which every reader knows.
 *
 * <p>Written here because the only writer on the JVM brings Hadoop with it, for a table that is as
 * simple as a table can be.
 */
public final class ParquetPredictionWriter implements PredictionWriter {

  @Override
  public boolean writes(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".parquet");
  }

  @Override
  public Rows open(Path file, List<String> columns) {
    return new ParquetRows(file, columns);
  }

  /** The columns of some rows, one after another in the file. */
  private record RowGroup(int rows, List<Chunk> chunks) {

    long bytes() {
      return chunks.stream().mapToLong(Chunk::bytes).sum();
    }
  }

  /** One column of a row group. */
  private record Chunk(String name, long offset, long bytes) {}

  private static final class ParquetRows extends PredictionRows {

    private static final ByteBuffer MAGIC =
        ByteBuffer.wrap("PAR1".getBytes(StandardCharsets.US_ASCII)).asReadOnlyBuffer();

    /** How many bytes of values are kept until they are written column by column. */
    private static final int GROUP_BYTES = 1 << 22;

    // The numbers that the Thrift definition of Parquet gives these.
    private static final int FLOAT = 4;
    private static final int DOUBLE = 5;
    private static final int REQUIRED = 0;
    private static final int PLAIN = 0;
    private static final int RLE = 3;
    private static final int UNCOMPRESSED = 0;
    private static final int DATA_PAGE = 0;

    private final List<RowGroup> groups = new ArrayList<>();
    private List<ByteBuffer> values = List.of();
    private ElementType type = ElementType.FLOAT32;
    private int kept;
    private long position;
    private long total;

    ParquetRows(Path file, List<String> columns) {
      super(file, columns);
    }

    @Override
    void writeHeader(Tensor first) throws IOException {
      type = first.type();
      int rows = Math.max(1, GROUP_BYTES / type.bytes() / columns());
      values =
          names().stream()
              .map(name -> ByteBuffer.allocate(rows * type.bytes()).order(ByteOrder.LITTLE_ENDIAN))
              .toList();
      write(MAGIC.duplicate());
    }

    @Override
    void writeRows(Tensor batch, int rows) throws IOException {
      if (batch.type() != type || type == ElementType.INT32) {
        throw new IllegalArgumentException(
            "Predictions: expected batches of reals of one type, found " + batch.type());
      }
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns(); j++) {
          long at = (long) i * columns() + j;
          ByteBuffer column = values.get(j);
          if (type == ElementType.FLOAT32) {
            column.putFloat(batch.memory().getAtIndex(ValueLayout.JAVA_FLOAT, at));
          } else {
            column.putDouble(batch.memory().getAtIndex(ValueLayout.JAVA_DOUBLE, at));
          }
        }
        kept++;
        if (!values.getFirst().hasRemaining()) {
          writeGroup();
        }
      }
    }

    private void writeGroup() throws IOException {
      var chunks = new ArrayList<Chunk>();
      for (int j = 0; j < columns(); j++) {
        ByteBuffer page = values.get(j).flip();
        int size = page.remaining();
        long offset = position;
        write(ByteBuffer.wrap(pageHeader(size, kept)));
        write(page);
        values.get(j).clear();
        chunks.add(new Chunk(names().get(j), offset, position - offset));
      }
      groups.add(new RowGroup(kept, chunks));
      total += kept;
      kept = 0;
    }

    private static byte[] pageHeader(int bytes, int rows) {
      return ThriftOutput.struct(
          header ->
              header
                  .i32(1, DATA_PAGE)
                  .i32(2, bytes)
                  .i32(3, bytes)
                  .struct(5, page -> page.i32(1, rows).i32(2, PLAIN).i32(3, RLE).i32(4, RLE)));
    }

    @Override
    void writeFooter() throws IOException {
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
      var schema = new ArrayList<String>();
      schema.add("schema");
      schema.addAll(names());
      return ThriftOutput.struct(
          file ->
              file.i32(1, 1)
                  .structs(2, schema, this::element)
                  .i64(3, total)
                  .structs(4, groups, this::group)
                  .string(6, "measureflow"));
    }

    /** An element of the schema: its root, then a column each. */
    private void element(ThriftOutput out, String name) {
      if (name.equals("schema")) {
        out.string(4, name).i32(5, columns());
      } else {
        out.i32(1, parquetType()).i32(3, REQUIRED).string(4, name);
      }
    }

    private void group(ThriftOutput out, RowGroup group) {
      out.structs(1, group.chunks(), (column, chunk) -> chunk(column, chunk, group.rows()))
          .i64(2, group.bytes())
          .i64(3, group.rows());
    }

    private void chunk(ThriftOutput out, Chunk chunk, int rows) {
      out.i64(2, chunk.offset())
          .struct(
              3,
              metadata ->
                  metadata
                      .i32(1, parquetType())
                      .i32s(2, List.of(PLAIN, RLE))
                      .strings(3, List.of(chunk.name()))
                      .i32(4, UNCOMPRESSED)
                      .i64(5, rows)
                      .i64(6, chunk.bytes())
                      .i64(7, chunk.bytes())
                      .i64(9, chunk.offset()));
    }

    private int parquetType() {
      return type == ElementType.FLOAT64 ? DOUBLE : FLOAT;
    }

    private void write(ByteBuffer bytes) throws IOException {
      position += bytes.remaining();
      output().write(bytes);
    }
  }
}
