package io.measureflow.datasets;

import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Use;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.MeasureFlowException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.BaseLargeVariableWidthVector;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.BaseVariableWidthViewVector;
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
 * <p>The reader of Arrow believes what it reads: {@link ArrowFrames} goes before it, and {@link
 * ReaderMemory} limits what it takes by the size of the file.
 */
final class ArrowIpcTable {

  /**
   * Beyond the content of the file: rounding, and bitmaps that are made up where there are none.
   */
  private static final long SLACK = 1 << 24;

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
        var memory = new ReaderMemory(2 * channel.size() + SLACK)) {
      ArrowFrames.check(channel);
      try (ArrowReader reader =
          ArrowFrames.isFile(channel)
              ? new ArrowFileReader(channel, memory)
              : new ArrowStreamReader(channel, memory)) {
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

  private TableRows rows(ArrowReader reader) throws IOException {
    VectorSchemaRoot root = reader.getVectorSchemaRoot();
    var names = root.getFieldVectors().stream().map(ValueVector::getName).toList();
    int label = names.indexOf(request.label());
    if (request.use() == Use.TRAIN && label < 0) {
      throw InvalidRequestException.of(
          file.toString(),
          "a label column \"" + request.label() + "\"",
          "the columns " + names.stream().limit(20).collect(Collectors.joining(", ")),
          "Name the label column with --label.");
    }
    if (request.use() == Use.TRAIN) {
      checkLabels(root.getVector(label));
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

  private void checkLabels(FieldVector vector) {
    switch (vector) {
      case BaseFixedWidthVector numbers -> {}
      case BaseVariableWidthVector texts -> {}
      case BaseLargeVariableWidthVector texts -> {}
      case BaseVariableWidthViewVector texts -> {}
      default ->
          throw InvalidRequestException.of(
              file + ", column \"" + vector.getName() + "\"",
              "labels that are numbers, texts or truth values",
              String.valueOf(vector.getField().getType()),
              "Convert the column, or name another with --label.");
    }
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
      default -> {
        if (vector.isNull(row)) {
          yield "";
        }
        checkLength(vector, row);
        yield String.valueOf(vector.getObject(row));
      }
    };
  }

  /** A length is believed before it is known that the bytes are there. */
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
}
