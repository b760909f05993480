package io.measureflow.datasets;

import io.measureflow.api.error.InvalidRequestException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BaseIntVector;
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
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;

/**
 * A table in an Arrow IPC file or stream, told apart by content. Rows are counted from 1.
 *
 * <p>The reader of Arrow believes the lengths that it reads. Here the lengths in a stream are
 * compared with the file first, and the memory for a file is limited by its size.
 */
final class ArrowIpcTable implements TableFile {

  private static final byte[] MAGIC = "ARROW1".getBytes(StandardCharsets.US_ASCII);

  /**
   * Beyond the content of the file: rounding, and bitmaps that are made up where there are none.
   */
  private static final long SLACK = 1 << 24;

  private static final int CONTINUATION = -1;

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
          // The reader of Arrow loses track of memory when it fails.
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
            + reason(cause)
            + "). Write the file again, for example with pyarrow.",
        cause);
  }

  /** What went wrong, in one line. */
  private static String reason(Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    return message.lines().findFirst().orElse(cause.getClass().getSimpleName());
  }

  private static boolean startsWithMagic(FileChannel channel) throws IOException {
    ByteBuffer start = ByteBuffer.allocate(MAGIC.length);
    int n = channel.read(start, 0);
    return n == MAGIC.length && start.flip().equals(ByteBuffer.wrap(MAGIC));
  }

  /** Walks through the messages of a stream and compares each length with what is left. */
  private static void checkFrames(FileChannel channel) throws IOException {
    long position = 0;
    long size = channel.size();
    if (size == 0) {
      throw new IOException("the file is empty");
    }
    while (position < size) {
      long length = bytes(channel, position, 4).getInt();
      position += 4;
      if (length == CONTINUATION) {
        length = bytes(channel, position, 4).getInt();
        position += 4;
      }
      if (length == 0) {
        return;
      }
      ByteBuffer metadata = bytes(channel, position, length);
      position += length;
      long body = Message.getRootAsMessage(metadata).bodyLength();
      if (body < 0 || body > size - position) {
        throw new IOException(
            "a message body of " + body + " bytes at byte " + position + " of " + size);
      }
      position += body;
    }
  }

  private static ByteBuffer bytes(FileChannel channel, long position, long length)
      throws IOException {
    if (length < 0 || length > channel.size() - position) {
      throw new IOException(
          length + " bytes announced at byte " + position + " of " + channel.size());
    }
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(length)).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, position + bytes.position()) < 0) {
        throw new IOException("the file has become shorter while it was read");
      }
    }
    return bytes.flip();
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
    return new Column(vector.getName(), kind, String.valueOf(vector.getField().getType()));
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
  public Batches read(TablePlan plan) throws IOException {
    return new Cursor(new Reading(file), true);
  }

  @Override
  public int blocks() {
    return blocks.size();
  }

  @Override
  public Batches readBlock(TablePlan plan, int block) throws IOException {
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
    private final BufferAllocator allocator;
    private final ArrowReader reader;

    Reading(Path file) throws IOException {
      channel = FileChannel.open(file);
      BufferAllocator opening = null;
      try {
        opening = new RootAllocator(2 * channel.size() + SLACK);
        boolean isFile = startsWithMagic(channel);
        if (!isFile) {
          checkFrames(channel);
        }
        reader =
            isFile
                ? new ArrowFileReader(channel, opening)
                : new ArrowStreamReader(channel, opening);
        allocator = opening;
      } catch (IOException | RuntimeException e) {
        if (opening != null) {
          opening.close();
        }
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
          allocator.close();
        } finally {
          channel.close();
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
    public String text(int row) {
      if (vector.isNull(row)) {
        return "";
      }
      return switch (vector) {
        case FloatingPointVector reals -> String.valueOf(reals.getValueAsDouble(row));
        case UInt8Vector unsigned -> Long.toUnsignedString(unsigned.getValueAsLong(row));
        case BaseIntVector integers -> String.valueOf(integers.getValueAsLong(row));
        default -> String.valueOf(vector.getObject(row));
      };
    }
  }

  /** Cells that hold the numbers of texts. */
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
