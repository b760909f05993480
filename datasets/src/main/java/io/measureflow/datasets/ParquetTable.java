package io.measureflow.datasets;

import dev.hardwood.InputFile;
import dev.hardwood.metadata.LogicalType;
import dev.hardwood.metadata.PhysicalType;
import dev.hardwood.metadata.RepetitionType;
import dev.hardwood.reader.ColumnReader;
import dev.hardwood.reader.ColumnReaders;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.Validity;
import dev.hardwood.schema.ColumnProjection;
import dev.hardwood.schema.SchemaNode;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Use;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.MeasureFlowException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Collectors;

/**
 * A table in a Parquet file. Rows are counted from 1. As in Arrow files, integers and
 * floating-point numbers are features; truth values, dates, decimals and nested columns are not.
 */
final class ParquetTable {

  private final Path file;
  private final DatasetRequest request;

  private ParquetTable(Path file, DatasetRequest request) {
    this.file = file;
    this.request = request;
  }

  static TableRows read(Path file, DatasetRequest request) throws IOException {
    return new ParquetTable(file, request).read();
  }

  private TableRows read() throws IOException {
    try (FileChannel channel = FileChannel.open(file);
        ParquetFileReader reader = ParquetFileReader.open(InputFile.of(file))) {
      ParquetPages.check(channel, reader.getFileMetaData());
      return rows(reader);
    } catch (MeasureFlowException e) {
      throw e;
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      // A damaged length may ask for any amount of memory.
      throw new InvalidRequestException(
          file
              + ": expected a Parquet file, found data that cannot be read ("
              + reason(e)
              + "). Write the file again, for example with pyarrow and compression snappy.",
          e);
    }
  }

  /** What went wrong, in one line. */
  private static String reason(Throwable e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message.lines().findFirst().orElse("");
  }

  /** A column that is read: its place in the file, and among the features. */
  private record Wanted(SchemaNode.PrimitiveNode node, int feature) {

    static final int LABEL = -1;
  }

  private TableRows rows(ParquetFileReader reader) {
    List<SchemaNode> fields = reader.getFileSchema().getRootNode().children();
    List<String> names = fields.stream().map(SchemaNode::name).toList();
    checkNames(names);
    var wanted = new ArrayList<Wanted>();
    var features = new ArrayList<String>();
    for (SchemaNode field : fields) {
      boolean label = field.name().equals(request.columns().labels().getFirst());
      if (label && request.use() == Use.TRAIN) {
        wanted.add(new Wanted(label(field), Wanted.LABEL));
      } else if (!label && field instanceof SchemaNode.PrimitiveNode node && isNumeric(node)) {
        wanted.add(new Wanted(node, features.size()));
        features.add(node.name());
      }
    }
    var rows = new TableRows(file, features, request);
    // The projection would take a dot in a name for a path.
    boolean all = wanted.stream().anyMatch(column -> column.node.name().contains("."));
    ColumnProjection projection =
        all
            ? ColumnProjection.all()
            : ColumnProjection.columns(
                wanted.stream().map(column -> column.node.name()).toArray(String[]::new));
    try (ColumnReaders columns = reader.columnReaders(projection)) {
      while (columns.nextBatch()) {
        var readers = new ArrayList<ColumnReader>();
        for (int i = 0; i < wanted.size(); i++) {
          readers.add(columns.getColumnReader(all ? wanted.get(i).node.columnIndex() : i));
        }
        add(wanted, readers, columns.getRecordCount(), rows);
      }
    }
    if (rows.count() == 0) {
      throw InvalidRequestException.of(
          file.toString(), "at least one row", "none", "Check how the file was written.");
    }
    if (rows.count() != reader.getFileMetaData().numRows()) {
      throw new IllegalStateException(
          rows.count() + " of " + reader.getFileMetaData().numRows() + " rows");
    }
    return rows;
  }

  private void checkNames(List<String> names) {
    var seen = new HashSet<String>();
    for (String name : names) {
      if (!seen.add(name)) {
        throw InvalidRequestException.of(
            file.toString(),
            "a different name for each column",
            "\"" + name + "\" twice",
            "Rename one of the columns.");
      }
    }
    if (request.use() == Use.TRAIN && !seen.contains(request.columns().labels().getFirst())) {
      throw InvalidRequestException.of(
          file.toString(),
          "a label column \"" + request.columns().labels().getFirst() + "\"",
          "the columns " + names.stream().limit(20).collect(Collectors.joining(", ")),
          "Name the label column with --label.");
    }
  }

  private static boolean isNumeric(SchemaNode.PrimitiveNode node) {
    if (node.repetitionType() == RepetitionType.REPEATED) {
      return false;
    }
    return switch (node.type()) {
      case FLOAT, DOUBLE -> true;
      case INT32, INT64 ->
          node.logicalType() == null || node.logicalType() instanceof LogicalType.IntType;
      case FIXED_LEN_BYTE_ARRAY -> node.logicalType() instanceof LogicalType.Float16Type;
      case BOOLEAN, INT96, BYTE_ARRAY -> false;
    };
  }

  /** Texts as they are annotated, and as some writers leave them. */
  private static boolean isText(SchemaNode.PrimitiveNode node) {
    return node.type() == PhysicalType.BYTE_ARRAY
        && (node.logicalType() == null
            || node.logicalType() instanceof LogicalType.StringType
            || node.logicalType() instanceof LogicalType.EnumType);
  }

  private SchemaNode.PrimitiveNode label(SchemaNode field) {
    if (field instanceof SchemaNode.PrimitiveNode node
        && node.repetitionType() != RepetitionType.REPEATED
        && (isNumeric(node) || isText(node) || node.type() == PhysicalType.BOOLEAN)) {
      return node;
    }
    throw InvalidRequestException.of(
        file + ", column \"" + field.name() + "\"",
        "labels that are numbers, texts or truth values",
        field instanceof SchemaNode.PrimitiveNode node
            ? node.type() + (node.logicalType() == null ? "" : " " + node.logicalType())
            : "a nested column",
        "Convert the column, or name another with --label.");
  }

  private void add(List<Wanted> wanted, List<ColumnReader> columns, int count, TableRows rows) {
    long first = rows.count() + 1L;
    var numbers = new ArrayList<IntToDoubleFunction>();
    for (int i = 0; i < wanted.size(); i++) {
      Wanted column = wanted.get(i);
      checkPresent(column.node.name(), columns.get(i), count, first);
      numbers.add(column.feature == Wanted.LABEL ? row -> 0 : numbers(column.node, columns.get(i)));
    }
    for (int row = 0; row < count; row++) {
      rows.beginRow();
      for (int i = 0; i < wanted.size(); i++) {
        int feature = wanted.get(i).feature;
        if (feature != Wanted.LABEL) {
          rows.set(feature, numbers.get(i).applyAsDouble(row), first + row);
        }
      }
    }
    for (int i = 0; i < wanted.size(); i++) {
      if (wanted.get(i).feature == Wanted.LABEL && rows.labels().isPresent()) {
        addLabels(wanted.get(i).node, columns.get(i), count, first, rows.labels().get());
      }
    }
  }

  private void checkPresent(String name, ColumnReader column, int count, long first) {
    if (column.getValueCount() != count) {
      throw new IllegalStateException(
          "column " + name + " has " + column.getValueCount() + " of " + count + " rows");
    }
    Validity validity = column.getLeafValidity();
    for (int row = 0; validity.hasNulls() && row < count; row++) {
      if (validity.isNull(row)) {
        throw TableRows.cell(file, first + row, name, "a value", "null");
      }
    }
  }

  /** The numbers of the current batch. */
  private static IntToDoubleFunction numbers(SchemaNode.PrimitiveNode node, ColumnReader column) {
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
        byte[][] values = column.getBinaries();
        yield row ->
            Float.float16ToFloat(
                ByteBuffer.wrap(values[row]).order(ByteOrder.LITTLE_ENDIAN).getShort());
      }
      case BOOLEAN, INT96, BYTE_ARRAY ->
          throw new IllegalArgumentException(node.name() + " is not numeric.");
    };
  }

  private static boolean isUnsigned(SchemaNode.PrimitiveNode node) {
    return node.logicalType() instanceof LogicalType.IntType integers && !integers.isSigned();
  }

  private static void addLabels(
      SchemaNode.PrimitiveNode node,
      ColumnReader column,
      int count,
      long first,
      TableLabels labels) {
    switch (node.type()) {
      case BOOLEAN -> {
        boolean[] values = column.getBooleans();
        for (int row = 0; row < count; row++) {
          labels.add(String.valueOf(values[row]), first + row);
        }
      }
      case BYTE_ARRAY -> {
        String[] values = column.getStrings();
        for (int row = 0; row < count; row++) {
          labels.add(values[row], first + row);
        }
      }
      case INT64 -> {
        long[] values = column.getLongs();
        boolean unsigned = isUnsigned(node);
        for (int row = 0; row < count; row++) {
          labels.add(
              unsigned ? Long.toUnsignedString(values[row]) : String.valueOf(values[row]),
              first + row);
        }
      }
      case INT32 -> {
        IntToDoubleFunction numbers = numbers(node, column);
        for (int row = 0; row < count; row++) {
          labels.add(String.valueOf((long) numbers.applyAsDouble(row)), first + row);
        }
      }
      case FLOAT, DOUBLE, FIXED_LEN_BYTE_ARRAY, INT96 -> {
        IntToDoubleFunction numbers = numbers(node, column);
        for (int row = 0; row < count; row++) {
          labels.add(String.valueOf(numbers.applyAsDouble(row)), first + row);
        }
      }
    }
  }
}
