package io.measureflow.cli.predict;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.PredictionWriter;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.io.AtomicFile;
import java.nio.file.Path;
import java.util.function.IntFunction;

/** Passes predictions to their writer if all numbers behind them are finite. */
final class FiniteRows {

  private final PredictionWriter.Rows rows;
  private final PredictionColumns columns;
  private final String source;
  private final String written;
  private long done;

  /**
   * @param source where the rows are from, for messages
   * @param output where the predictions go, for messages
   */
  FiniteRows(PredictionWriter.Rows rows, PredictionColumns columns, String source, Path output) {
    this.rows = rows;
    this.columns = columns;
    this.source = source;
    written =
        AtomicFile.isWrittenDirectly(output)
            ? "What was written so far is not complete."
            : "Nothing was written.";
  }

  /**
   * Appends rows.
   *
   * @param outputs [B, p]
   * @param variances [B, p]; any tensor where they are not needed
   * @param size the number of valid rows
   * @throws RunFailedException if an output, or a number to be written, is NaN or infinite
   */
  void append(Tensor outputs, Tensor variances, int size) {
    // A class can be the first of several NaN: outputs count even where they are not written.
    int width = outputs.shape().dimension(1);
    requireFinite(outputs, size, width, j -> "y" + j);
    Tensor values = columns.values(outputs, variances, size);
    requireFinite(values, size, columns.columns().size(), j -> columns.columns().get(j).name());
    rows.append(values, size);
    done += size;
  }

  private void requireFinite(Tensor batch, int size, int width, IntFunction<String> names) {
    for (long i = 0; i < (long) size * width; i++) {
      double value = batch.get(i);
      if (!Double.isFinite(value)) {
        throw new RunFailedException(
            source
                + ", data row "
                + (done + i / width + 1)
                + ", column "
                + names.apply((int) (i % width))
                + " of the predictions: expected a finite number, found "
                + value
                + ". "
                + written
                + " Check the parameters of the model and the features of that row for very large"
                + " values, or use --precision float64.");
      }
    }
  }
}
