package io.measureflow.datasets;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.PredictionWriter;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** Writes predictions as an Arrow IPC file, one column of float32 or float64 for each output. */
public final class ArrowPredictionWriter implements PredictionWriter {

  @Override
  public boolean writes(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".arrow");
  }

  @Override
  public Rows open(Path file, List<String> columns) {
    return new ArrowRows(file, columns);
  }

  private static final class ArrowRows extends PredictionRows {

    private final BufferAllocator allocator = new RootAllocator();
    private @Nullable VectorSchemaRoot root;
    private @Nullable ArrowFileWriter writer;

    ArrowRows(Path file, List<String> columns) {
      super(file, columns);
    }

    @Override
    void writeHeader(Tensor first) throws IOException {
      var type =
          new ArrowType.FloatingPoint(
              first.type() == ElementType.FLOAT64
                  ? FloatingPointPrecision.DOUBLE
                  : FloatingPointPrecision.SINGLE);
      List<Field> fields = new ArrayList<>();
      for (int j = 0; j < columns(); j++) {
        fields.add(new Field(names().get(j), FieldType.notNullable(type), null));
      }
      root = VectorSchemaRoot.create(new Schema(fields), allocator);
      writer = new ArrowFileWriter(root, new DictionaryProvider.MapDictionaryProvider(), output());
      writer.start();
    }

    @Override
    void writeRows(Tensor batch, int rows) throws IOException {
      if (root == null || writer == null) {
        throw new IllegalStateException("No header was written.");
      }
      for (int j = 0; j < columns(); j++) {
        fill(root.getVector(j), batch, j, rows);
      }
      root.setRowCount(rows);
      writer.writeBatch();
    }

    private void fill(FieldVector vector, Tensor batch, int column, int rows) {
      switch (vector) {
        case Float4Vector floats when batch.type() == ElementType.FLOAT32 -> {
          floats.allocateNew(rows);
          for (int i = 0; i < rows; i++) {
            long at = (long) i * columns() + column;
            floats.set(i, batch.memory().getAtIndex(ValueLayout.JAVA_FLOAT, at));
          }
        }
        case Float8Vector doubles when batch.type() == ElementType.FLOAT64 -> {
          doubles.allocateNew(rows);
          for (int i = 0; i < rows; i++) {
            long at = (long) i * columns() + column;
            doubles.set(i, batch.memory().getAtIndex(ValueLayout.JAVA_DOUBLE, at));
          }
        }
        default ->
            throw new IllegalArgumentException(
                "Predictions: expected batches of reals of one type, found " + batch.type());
      }
      vector.setValueCount(rows);
    }

    @Override
    void writeFooter() throws IOException {
      if (writer != null) {
        writer.end();
      }
    }

    @Override
    void release() {
      // The writer of Arrow is not closed: it would end the file, which only a commit may do.
      if (root != null) {
        root.close();
      }
      allocator.close();
    }
  }
}
