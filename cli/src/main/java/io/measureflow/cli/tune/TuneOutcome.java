package io.measureflow.cli.tune;

import io.measureflow.api.data.Schema;
import io.measureflow.cli.report.Page;
import io.measureflow.core.training.TrainingSettings;
import io.measureflow.tune.Halving;
import io.measureflow.tune.SearchSpace;
import java.util.List;

/**
 * What a search found.
 *
 * @param data the name of the data
 * @param metric what trials were judged by
 * @param target what is predicted
 * @param halving the rounds
 * @param space what was varied
 * @param trials all trials, the best first
 */
record TuneOutcome(
    String data,
    JudgedBy metric,
    Schema.Target target,
    Halving halving,
    SearchSpace space,
    List<TrialRow.Trial> trials) {

  /** Copies the list. */
  TuneOutcome {
    trials = List.copyOf(trials);
  }

  boolean hasClasses() {
    return target instanceof Schema.Target.Classes;
  }

  /** Returns the command that repeats the best trial. */
  static String again(TuneFolder folder) {
    return "measureflow train --config " + Page.quoted(folder.best().toString());
  }

  /**
   * Returns the command that trains the best settings on all training rows. Where a run would stop
   * early, it trains for as many epochs as were best in the search.
   */
  String onAllRows(TuneFolder folder, TrainingSettings best) {
    return again(folder)
        + " --validation 0"
        + (best.patience() > 0
            ? " --patience 0 --epochs " + Math.max(1, Math.round(trials.getFirst().last().kept()))
            : "");
  }
}
