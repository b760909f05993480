package io.measureflow.experiments.runner;

import io.measureflow.experiments.report.Report;
import io.measureflow.experiments.results.Measured;
import io.measureflow.experiments.results.Results;
import io.measureflow.experiments.results.Run;
import java.util.List;

/** An experiment: which runs it has, how one of them is done, and what their results say. */
public interface Experiment {

  /** The word by which it is called. */
  String name();

  /** What it shows, as the title of its report. */
  String title();

  /** The columns of settings, which together with the seed tell one run from another. */
  List<String> settings();

  /** The columns of what is measured. */
  List<String> measurements();

  /** The names of the datasets that it needs. */
  List<String> datasets();

  /**
   * The runs, as far as they can be known: runs that depend on the results of others are named once
   * those are there. When all that it names are done, the experiment is.
   *
   * @param done the results so far
   */
  List<Run> plan(Results done);

  /** Does a run and says what was measured, row by row. */
  List<Measured> perform(Run run, Laboratory laboratory);

  /** A word about the result of a run, for the progress. */
  String brief(List<Measured> result);

  /**
   * Writes what the results say.
   *
   * @param results the rows of all runs of {@link #plan}
   */
  void report(Results results, Report report);

  /** The command that repeats a run, apart from the folder of its data. */
  default String command(Run run) {
    return "measureflow experiment " + name() + " --only \"" + run.key() + "\"";
  }
}
