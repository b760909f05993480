package io.measureflow.datasets;

import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Use;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.MeasureFlowException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FloatingPointVector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.ValueVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;

/**
 * A table in an Arrow IPC file or stream, told apart by content. Rows are counted from 1.
 *
 * <p>The reader of Arrow believes the lengths that it reads. Here the lengths in a stream are
 * compared with the file first, and the memory for a file is limited by its size.
 */
final class ArrowIpcTable {

  private static final byte[] MAGIC = "ARROW1".getBytes(StandardCharsets.US_ASCII);

  /**
   * Beyond the content of the file: rounding, and bitmaps that are made up where there are none.
   */
  private static final long SLACK = 1 << 24;

  private static final int CONTINUATION = -1;

  private final Path file;
  private final DatasetRequest request;

  private ArrowIpcTable(Path file, DatasetRequest request) {
    this.file = file;
    this.request = request;
  }

  static TableRows read(Path file, DatasetRequest request) throws IOException {
    return new ArrowIpcTable(file, request).read();
  }

  private TableRows read() throws IOException {
    try (FileChannel channel = FileChannel.open(file);
        BufferAllocator allocator = new RootAllocator(2 * channel.size() + SLACK)) {
      boolean isFile = startsWithMagic(channel);
      if (!isFile) {
        checkFrames(channel);
      }
      try (ArrowReader reader =
          isFile
              ? new ArrowFileReader(channel, allocator)
              : new ArrowStreamReader(channel, allocator)) {
        return rows(reader);
      }
    } catch (MeasureFlowException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw malformed(String.valueOf(e.getMessage()), e);
    }
  }

  private InvalidRequestException malformed(String found, Exception cause) {
    return new InvalidRequestException(
        file
            + ": expected an Arrow IPC file or stream, uncompressed, found malformed data ("
            + found
            + "). Write the file again, for example with pyarrow.",
        cause);
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

  private TableRows rows(ArrowReader reader) throws IOException {
    VectorSchemaRoot root = reader.getVectorSchemaRoot();
    var names = root.getFieldVectors().stream().map(ValueVector::getName).toList();
    int label = names.indexOf(request.columns().labels().getFirst());
    if (request.use() == Use.TRAIN && label < 0) {
      throw InvalidRequestException.of(
          file.toString(),
          "a label column \"" + request.columns().labels().getFirst() + "\"",
          "the columns " + names.stream().limit(20).collect(Collectors.joining(", ")),
          "Name the label column with --label.");
    }
    var columns = new ArrayList<Integer>();
    for (int i = 0; i < names.size(); i++) {
      if (i != label && isNumeric(root.getVector(i))) {
        columns.add(i);
      }
    }
    var rows = new TableRows(file, columns.stream().map(names::get).toList(), request);
    while (reader.loadNextBatch()) {
      add(reader, root, columns, label, rows);
    }
    if (rows.count() == 0) {
      throw InvalidRequestException.of(
          file.toString(), "at least one row", "none", "Check how the file was written.");
    }
    return rows;
  }

  /** Codes of a dictionary are no numbers. */
  private static boolean isNumeric(FieldVector vector) {
    return vector.getField().getDictionary() == null
        && (vector instanceof BaseIntVector || vector instanceof FloatingPointVector);
  }

  private void add(
      ArrowReader reader, VectorSchemaRoot root, List<Integer> columns, int label, TableRows rows) {
    int count = root.getRowCount();
    long first = rows.count() + 1L;
    for (FieldVector vector : root.getFieldVectors()) {
      if (vector.getValueCount() != count) {
        throw new IllegalArgumentException(
            "column "
                + vector.getName()
                + " has "
                + vector.getValueCount()
                + " of "
                + count
                + " rows");
      }
    }
    List<FieldVector> vectors = columns.stream().map(root::getVector).toList();
    for (int row = 0; row < count; row++) {
      rows.beginRow();
      for (int feature = 0; feature < vectors.size(); feature++) {
        FieldVector vector = vectors.get(feature);
        checkPresent(vector, row, first);
        rows.set(feature, number(vector, row), first + row);
      }
    }
    if (rows.labels().isPresent()) {
      addLabels(reader, root.getVector(label), count, first, rows.labels().get());
    }
  }

  private void checkPresent(ValueVector vector, int row, long first) {
    if (vector.isNull(row)) {
      throw TableRows.cell(file, first + row, vector.getName(), "a value", "null");
    }
  }

  private static double number(FieldVector vector, int row) {
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

  private void addLabels(
      ArrowReader reader, FieldVector vector, int count, long first, TableLabels labels) {
    DictionaryEncoding encoding = vector.getField().getDictionary();
    for (int row = 0; row < count; row++) {
      checkPresent(vector, row, first);
      String text;
      if (encoding == null) {
        text = text(vector, row);
      } else {
        FieldVector values = reader.lookup(encoding.getId()).getVector();
        int code = Math.toIntExact(((BaseIntVector) vector).getValueAsLong(row));
        text = text(values, Objects.checkIndex(code, values.getValueCount()));
      }
      labels.add(text, first + row);
    }
  }

  private static String text(FieldVector vector, int row) {
    return switch (vector) {
      case FloatingPointVector reals -> String.valueOf(reals.getValueAsDouble(row));
      case BaseIntVector integers -> String.valueOf(integers.getValueAsLong(row));
      default -> vector.isNull(row) ? "" : String.valueOf(vector.getObject(row));
    };
  }
}
