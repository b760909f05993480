package io.measureflow.datasets;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.PredictionWriter;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.program.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What the writers of predictions have in common: the life of the file, and its errors. */
abstract class PredictionRows implements PredictionWriter.Rows {

  private final AtomicOutput output;
  private final List<String> names;
  private boolean begun;
  private boolean ended;

  PredictionRows(Path file, List<String> names) {
    if (names.isEmpty()) {
      throw new IllegalArgumentException("Predictions: expected 1 column or more, found none");
    }
    this.names = List.copyOf(names);
    output = AtomicOutput.open(file);
  }

  final AtomicOutput output() {
    return output;
  }

  final int columns() {
    return names.size();
  }

  final List<String> names() {
    return names;
  }

  /** Writes what comes before the rows; {@code first} has their element type. */
  abstract void writeHeader(Tensor first) throws IOException;

  abstract void writeRows(Tensor batch, int rows) throws IOException;

  /** Writes what comes after the rows. */
  abstract void writeFooter() throws IOException;

  /** Frees what the writer of the format holds. */
  void release() {}

  @Override
  public final void append(Tensor batch, int rows) {
    Shape shape = batch.shape();
    if (shape.rank() != 2 || shape.dimension(1) != columns() || rows > shape.dimension(0)) {
      throw new IllegalArgumentException(
          "Predictions: expected "
              + rows
              + " rows or more of "
              + columns()
              + " columns, found "
              + shape);
    }
    checkOpen();
    try {
      begin(batch);
      writeRows(batch, rows);
    } catch (IOException e) {
      throw AtomicOutput.failed(output.file(), e);
    }
  }

  @Override
  public final void commit() {
    checkOpen();
    ended = true;
    try {
      begin(Tensor.zeros(Shape.of(0, columns()), ElementType.FLOAT32));
      writeFooter();
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

  private void begin(Tensor first) throws IOException {
    if (!begun) {
      begun = true;
      writeHeader(first);
    }
  }

  @Override
  public final void close() {
    ended = true;
    release();
    try {
      output.close();
    } catch (IOException e) {
      throw new RunFailedException(
          output.file() + " could not be closed (" + e.getMessage() + ").", e);
    }
  }
}
