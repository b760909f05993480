package io.measureflow.cli.report;

import com.typesafe.config.Config;
import io.measureflow.TrainedModel;
import io.measureflow.api.data.Schema;
import io.measureflow.cli.run.MetricsFile;
import io.measureflow.cli.run.RunFolder;
import io.measureflow.core.metrics.Evaluation;
import java.util.List;
import java.util.Optional;

/**
 * What a report is about.
 *
 * @param folder the run folder
 * @param data the name of the dataset
 * @param schema the schema of the data
 * @param trainingRows the number of rows to train on, those held out for validation included
 * @param config the text of {@code config.conf}
 * @param epochs the epochs, at least one
 * @param model the result of the run
 * @param provenance how the model was made; empty if unknown
 * @param result how good the model is; empty if it predicts numbers that are not finite
 */
record RunContents(
    RunFolder folder,
    String data,
    Schema schema,
    int trainingRows,
    String config,
    List<MetricsFile.Row> epochs,
    TrainedModel model,
    Config provenance,
    Optional<Result> result) {

  /**
   * How good the model is.
   *
   * @param evaluation the metrics, of all judged rows
   * @param rows predictions for these rows, or for some of them
   */
  record Result(Evaluation evaluation, PredictedRows rows) {}

  /** Copies the list. */
  RunContents {
    epochs = List.copyOf(epochs);
  }

  /** Returns the epoch whose parameters the model has. */
  MetricsFile.Row kept() {
    int epoch =
        provenance.hasPath("metrics.epoch")
            ? (int) provenance.getDouble("metrics.epoch")
            : epochs.size();
    return epochs.get(Math.clamp(epoch, 1, epochs.size()) - 1);
  }
}
