package io.measureflow.cli.predict;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.PredictionWriter;
import io.measureflow.api.error.RunFailedException;
import java.nio.file.Path;
import java.util.List;

/** Passes predictions to their writer if all of them are finite. */
final class FiniteRows {

  private final PredictionWriter.Rows rows;
  private final Path input;
  private final List<String> columns;
  private long done;

  /**
   * @param input the input file, for messages
   * @param columns the names of the prediction columns
   */
  FiniteRows(PredictionWriter.Rows rows, Path input, List<String> columns) {
    this.rows = rows;
    this.input = input;
    this.columns = columns;
  }

  /**
   * Appends rows.
   *
   * @param batch [B, p]
   * @param size the number of valid rows
   * @throws RunFailedException if a value is NaN or infinite
   */
  void append(Tensor batch, int size) {
    int width = columns.size();
    for (long i = 0; i < (long) size * width; i++) {
      double value = batch.get(i);
      if (!Double.isFinite(value)) {
        throw new RunFailedException(
            input
                + ", data row "
                + (done + i / width + 1)
                + ", column "
                + columns.get((int) (i % width))
                + " of the predictions: expected a finite number, found "
                + value
                + ". Nothing was written. Check the parameters of the model and the features of"
                + " that row for very large values, or use --precision float64.");
      }
    }
    rows.append(batch, size);
    done += size;
  }
}
