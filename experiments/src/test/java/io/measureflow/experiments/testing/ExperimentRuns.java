package io.measureflow.experiments.testing;

import io.measureflow.experiments.report.Report;
import io.measureflow.experiments.report.ReportFiles;
import io.measureflow.experiments.results.Measured;
import io.measureflow.experiments.results.Results;
import io.measureflow.experiments.results.Run;
import io.measureflow.experiments.runner.Experiment;
import io.measureflow.experiments.runner.Laboratory;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;

/** Runs experiments on {@link Clouds}, without files. */
public final class ExperimentRuns {

  private ExperimentRuns() {}

  /** Does all runs of an experiment. */
  public static Results perform(Experiment experiment) {
    var rows = new ArrayList<Results.Row>();
    try (Laboratory laboratory = Clouds.laboratory()) {
      for (int before = -1; before < rows.size(); ) {
        before = rows.size();
        var done = new HashSet<>(new Results(rows).keys(experiment.settings()));
        for (Run run : experiment.plan(new Results(rows))) {
          if (done.add(run.key())) {
            for (Measured measured : experiment.perform(run, laboratory)) {
              var cells = new LinkedHashMap<>(run.settings());
              cells.put(Run.SEED, String.valueOf(run.seed()));
              cells.putAll(measured.cells());
              rows.add(new Results.Row(cells));
            }
          }
        }
      }
    }
    return new Results(rows);
  }

  /** Writes a report, checks that its HTML is self-contained, and returns it as Markdown. */
  public static String report(Experiment experiment, Results results) {
    var report = new Report(experiment.title());
    experiment.report(results, report);
    SelfContained.assertSelfContained(ReportFiles.html(report));
    return ReportFiles.markdown(report);
  }
}
