package io.measureflow.datasets.table;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.PredictionWriter;
import io.measureflow.api.program.Shape;
import io.measureflow.api.registry.Extensions;
import io.measureflow.datasets.format.Field;
import io.measureflow.datasets.format.TableFormats;
import io.measureflow.datasets.format.TableFormats.Writable;
import io.measureflow.datasets.format.ValueType;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes predictions in every format of {@link TableFormats}, one float32 or float64 column per
 * output.
 */
public final class TablePredictionWriter implements PredictionWriter {

  private final TableFormats formats;

  /** Creates a writer for all installed formats. */
  public TablePredictionWriter() {
    this(TableFormats.installed());
  }

  /** Creates a writer for these formats. */
  public TablePredictionWriter(TableFormats formats) {
    this.formats = formats;
  }

  @Override
  public PredictionWriter using(Extensions extensions) {
    return new TablePredictionWriter(TableFormats.of(extensions));
  }

  @Override
  public List<String> extensions() {
    return formats.extensions();
  }

  @Override
  public Rows open(Path file, List<String> columns) {
    Writable format =
        formats
            .writing(file)
            .orElseThrow(
                () -> new IllegalArgumentException("No format with this extension: " + file));
    return new PredictionRows(file, format, columns);
  }

  private static final class PredictionRows implements Rows {

    private final OutputTable output;
    private final List<String> names;
    private @Nullable ElementType type;
    private boolean ended;

    PredictionRows(Path file, Writable format, List<String> names) {
      if (names.isEmpty()) {
        throw new IllegalArgumentException("Predictions: expected 1 column or more, found none");
      }
      this.names = List.copyOf(names);
      output = new OutputTable(format, file);
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
      begin(batch.type());
      if (batch.type() != type || type == ElementType.INT32) {
        throw new IllegalArgumentException(
            "Predictions: expected batches of reals of one type, found " + batch.type());
      }
      output.append(TableCells.of(batch), rows);
    }

    /** Starts the table; the first batch decides the type. */
    private void begin(ElementType first) {
      if (type == null) {
        type = first;
        ValueType values = first == ElementType.FLOAT64 ? ValueType.FLOAT64 : ValueType.FLOAT32;
        output.begin(names.stream().map(name -> new Field(name, values, false, false)).toList());
      }
    }

    @Override
    public void commit() {
      checkOpen();
      ended = true;
      begin(ElementType.FLOAT32);
      output.commit();
    }

    private void checkOpen() {
      if (ended) {
        throw new IllegalStateException("The predictions in " + output.file() + " are complete.");
      }
    }

    @Override
    public void close() {
      ended = true;
      output.close();
    }
  }
}
