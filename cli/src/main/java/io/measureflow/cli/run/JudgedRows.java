package io.measureflow.cli.run;

import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.Table;
import io.measureflow.core.training.Trainer;

/**
 * The rows that the result of a run is judged by: the test rows, else the validation rows, else
 * those that it was trained on.
 *
 * @param table the rows
 * @param part {@link #TEST}, {@link #VALIDATION} or {@link #TRAINING}
 */
public record JudgedRows(Table table, String part) {

  public static final String TEST = "test";
  public static final String VALIDATION = "validation";
  public static final String TRAINING = "training";

  /**
   * Chooses the rows.
   *
   * @param dataset the data of the run
   * @param validation the fraction of the training rows that the run held out
   * @param seed the seed of the run, which decides which these were
   */
  public static JudgedRows of(Dataset dataset, double validation, long seed) {
    if (dataset.test().isPresent()) {
      return new JudgedRows(dataset.test().get(), TEST);
    }
    return Trainer.validationSplit(dataset, validation, seed)
        .map(split -> new JudgedRows(split.held(), VALIDATION))
        .orElseGet(() -> new JudgedRows(dataset.train(), TRAINING));
  }

  /** Returns how the rows are referred to: {@code the 5000 test rows}. */
  public String description() {
    return "the " + table.rows() + " " + part + " rows";
  }
}
