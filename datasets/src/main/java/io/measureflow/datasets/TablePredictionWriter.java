package io.measureflow.datasets;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.PredictionWriter;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.program.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes predictions in every format of {@link OutputFormat}, one column of float32 or float64 for
 * each output.
 */
public final class TablePredictionWriter implements PredictionWriter {

  @Override
  public boolean writes(Path file) {
    return OutputFormat.of(file).isPresent();
  }

  @Override
  public Rows open(Path file, List<String> columns) {
    OutputFormat format =
        OutputFormat.of(file)
            .orElseThrow(() -> new IllegalArgumentException("No format of this ending: " + file));
    return new PredictionRows(file, format, columns);
  }

  private static final class PredictionRows implements Rows {

    private final AtomicOutput output;
    private final OutputFormat format;
    private final List<String> names;
    private ElementType type = ElementType.FLOAT32;
    private @Nullable TableWriter writer;
    private boolean ended;

    PredictionRows(Path file, OutputFormat format, List<String> names) {
      if (names.isEmpty()) {
        throw new IllegalArgumentException("Predictions: expected 1 column or more, found none");
      }
      this.format = format;
      this.names = List.copyOf(names);
      output = AtomicOutput.open(file);
    }

    @Override
    public void append(Tensor batch, int rows) {
      Shape shape = batch.shape();
      if (shape.rank() != 2 || shape.dimension(1) != names.size() || rows > shape.dimension(0)) {
        throw new IllegalArgumentException(
            "Predictions: expected "
                + rows
                + " rows or more of "
                + names.size()
                + " columns, found "
                + shape);
      }
      checkOpen();
      try {
        TableWriter to = writer(batch.type());
        if (batch.type() != type || type == ElementType.INT32) {
          throw new IllegalArgumentException(
              "Predictions: expected batches of reals of one type, found " + batch.type());
        }
        to.append(TableCells.of(batch), rows);
      } catch (IOException e) {
        throw AtomicOutput.failed(output.file(), e);
      }
    }

    /** The first batch decides the type. */
    private TableWriter writer(ElementType first) throws IOException {
      TableWriter known = writer;
      if (known != null) {
        return known;
      }
      type = first;
      ValueType values = type == ElementType.FLOAT64 ? ValueType.FLOAT64 : ValueType.FLOAT32;
      TableWriter opened =
          format.open(
              output, names.stream().map(name -> new Field(name, values, false, false)).toList());
      writer = opened;
      return opened;
    }

    @Override
    public void commit() {
      checkOpen();
      ended = true;
      try {
        writer(ElementType.FLOAT32).finish();
        output.commit();
      } catch (IOException e) {
        throw AtomicOutput.failed(output.file(), e);
      }
    }

    private void checkOpen() {
      if (ended) {
        throw new IllegalStateException("The predictions in " + output.file() + " are complete.");
      }
    }

    @Override
    public void close() {
      ended = true;
      if (writer != null) {
        writer.close();
      }
      try {
        output.close();
      } catch (IOException e) {
        throw new RunFailedException(
            output.file() + " could not be closed (" + e.getMessage() + ").", e);
      }
    }
  }
}
