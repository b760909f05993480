package io.measureflow.experiments.runner;

import io.measureflow.experiments.report.Report;
import io.measureflow.experiments.results.Measured;
import io.measureflow.experiments.results.Results;
import io.measureflow.experiments.results.Run;
import java.util.List;

/** An experiment: which runs it has, how to do one of them, and how to report their results. */
public interface Experiment {

  /** The name of the experiment on the command line and in file names. */
  String name();

  /** The title of the report. */
  String title();

  /** The columns of settings, which together with the seed distinguish runs. */
  List<String> settings();

  /** The columns of measurements. */
  List<String> measurements();

  /** The names of the datasets that it uses. */
  List<String> datasets();

  /** Says in a sentence where to get a dataset from. */
  default String source(String dataset) {
    return "Fetch the data with 'measureflow datasets fetch "
        + dataset
        + "', which puts them under data/.";
  }

  /**
   * Lists the runs that are known so far. Runs that depend on the results of others are listed once
   * those results are there; the experiment ends when all listed runs have results.
   *
   * @param done the results so far
   */
  List<Run> plan(Results done);

  /** Does a run and returns its measurements, row by row. */
  List<Measured> perform(Run run, Laboratory laboratory);

  /** Summarizes the result of a run in a few words, for the progress line. */
  String brief(List<Measured> result);

  /**
   * Writes the report.
   *
   * @param results the rows of all runs of {@link #plan}
   */
  void report(Results results, Report report);

  /** Returns the command that repeats a run, without the folder of its data. */
  default String command(Run run) {
    return "measureflow experiment " + name() + " --only \"" + run.key() + "\"";
  }
}
