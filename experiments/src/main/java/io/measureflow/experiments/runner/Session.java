package io.measureflow.experiments.runner;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.experiments.report.Report;
import io.measureflow.experiments.report.ReportFiles;
import io.measureflow.experiments.request.Environment;
import io.measureflow.experiments.request.Request;
import io.measureflow.experiments.results.Measured;
import io.measureflow.experiments.results.Results;
import io.measureflow.experiments.results.ResultsFile;
import io.measureflow.experiments.results.Run;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** One invocation of an experiment: does the runs without results, then writes the report. */
public final class Session {

  private static final String FINGERPRINT = "data";
  private static final String SECONDS = "seconds";
  private static final String SESSION = "session";
  private static final int FINGERPRINT_LENGTH = 12;
  private static final int LONGEST_CELL = 60;

  private static final List<String> SESSION_COLUMNS =
      List.of(
          SESSION, "started", "command", "machine", "backend", "threads", "precision", "versions");

  private final Experiment experiment;
  private final Request request;
  private final Environment environment;

  /** Creates a session; {@link #run} does the work. */
  public Session(Experiment experiment, Request request, Environment environment) {
    this.experiment = experiment;
    this.request = request;
    this.environment = environment;
  }

  /**
   * Does the runs and writes the report.
   *
   * @return the Markdown report, or the file of results if only some runs were requested
   * @throws InvalidRequestException if data are missing or changed, or the output folder cannot be
   *     used
   */
  public Path run() {
    Path output = request.output();
    Path csv = output.resolve(experiment.name() + ".csv");
    ResultsFile before = ResultsFile.open(csv, columns());
    requireSome(experiment.plan(before.results()));
    // Checked before any file is created; a report alone needs no data.
    if (!pending(before).isEmpty()) {
      experiment.datasets().forEach(this::folder);
    }
    try (OutputFolder _ = OutputFolder.open(output)) {
      var file = ResultsFile.open(csv, columns());
      var sessions =
          ResultsFile.open(output.resolve(experiment.name() + ".sessions.csv"), SESSION_COLUMNS);
      perform(file, sessions);
      List<Run> plan = experiment.plan(file.results());
      Results results = file.results().of(plan, experiment.settings());
      if (request.only().isPresent()) {
        return file.path();
      }
      var report = new Report(experiment.title());
      experiment.report(results, report);
      provenance(report, plan, results, sessions.results());
      ReportFiles.write(report, output, experiment.name());
      return output.resolve(experiment.name() + ".md");
    }
  }

  private Path folder(String dataset) {
    return request.folder(dataset, experiment.source(dataset));
  }

  private List<String> columns() {
    var columns = new ArrayList<>(experiment.settings());
    columns.add(Run.SEED);
    columns.addAll(experiment.measurements());
    columns.addAll(List.of(FINGERPRINT, SESSION, SECONDS));
    return columns;
  }

  private void requireSome(List<Run> plan) {
    if (plan.stream().noneMatch(run -> run.key().contains(request.only().orElse("")))) {
      throw InvalidRequestException.of(
          "--only",
          "part of the key of a run, such as " + plan.getFirst().key(),
          "'" + request.only().orElse("") + "'",
          "Correct it. Runs that depend on the results of others are known only once those are"
              + " done.");
    }
  }

  private List<Run> pending(ResultsFile file) {
    var done = file.results().keys(experiment.settings());
    Predicate<Run> wanted =
        run -> request.only().map(part -> run.key().contains(part)).orElse(true);
    return experiment.plan(file.results()).stream()
        .filter(wanted)
        .filter(run -> !done.contains(run.key()))
        .toList();
  }

  private void perform(ResultsFile file, ResultsFile sessions) {
    List<Run> pending = pending(file);
    if (pending.isEmpty()) {
      return;
    }
    try (var laboratory =
        new Laboratory(environment.backend().get(), this::folder, environment.loader())) {
      int session = sessions.results().rows().size() + 1;
      sessions.append(List.of(session(session, laboratory.backend().description())));
      long begin = System.nanoTime();
      int done = 0;
      while (!pending.isEmpty()) {
        for (int i = 0; i < pending.size(); i++) {
          Run run = pending.get(i);
          String fingerprint = fingerprint(run, laboratory, file.results());
          long start = System.nanoTime();
          List<Measured> result = experiment.perform(run, laboratory);
          double seconds = (System.nanoTime() - start) * 1e-9;
          var rows = new ArrayList<Map<String, String>>();
          for (Measured measured : result) {
            var cells = new LinkedHashMap<>(run.settings());
            cells.put(Run.SEED, String.valueOf(run.seed()));
            cells.putAll(measured.cells());
            cells.put(FINGERPRINT, fingerprint);
            cells.put(SESSION, String.valueOf(session));
            rows.add(cells);
          }
          rows.getLast().put(SECONDS, Run.text(Math.round(seconds * 1000) / 1000.0));
          file.append(rows);
          done++;
          double each = (System.nanoTime() - begin) * 1e-9 / done;
          environment
              .progress()
              .accept(
                  String.format(
                      Locale.ROOT,
                      "%s %d/%d  %s  %s  %.1f s, about %.0f min left",
                      experiment.name(),
                      i + 1,
                      pending.size(),
                      run.key(),
                      experiment.brief(result),
                      seconds,
                      Math.ceil(each * (pending.size() - i - 1) / 60)));
        }
        pending = pending(file);
      }
    }
  }

  /**
   * Returns the first characters of the fingerprint of a run's data, which must match the earlier
   * runs.
   */
  private static String fingerprint(Run run, Laboratory laboratory, Results done) {
    if (!run.has(Recipe.DATASET)) {
      return "";
    }
    String found = laboratory.dataset(run).fingerprint();
    String start = found.substring(0, Math.min(FINGERPRINT_LENGTH, found.length()));
    for (String earlier :
        done.where(Recipe.DATASET, run.setting(Recipe.DATASET)).distinct(FINGERPRINT)) {
      if (!earlier.equals(start)) {
        throw InvalidRequestException.of(
            "--output, dataset " + run.setting(Recipe.DATASET),
            "the data of the earlier runs, with fingerprint " + earlier,
            start,
            "Restore the data, or choose another output folder.");
      }
    }
    return start;
  }

  private Map<String, String> session(int number, Backend.Description backend) {
    var versions = new StringBuilder(backend.name() + " " + backend.version());
    environment
        .versions()
        .forEach((name, version) -> versions.append("; ").append(name + " " + version));
    var cells = new LinkedHashMap<String, String>();
    cells.put(SESSION, String.valueOf(number));
    cells.put("started", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    cells.put("command", request.command());
    cells.put(
        "machine",
        backend.device().description()
            + ", "
            + Runtime.getRuntime().availableProcessors()
            + " processors");
    cells.put("backend", backend.name());
    cells.put("threads", String.valueOf(backend.threads()));
    cells.put("precision", backend.precision().key());
    cells.put("versions", versions.toString());
    return cells;
  }

  private void provenance(Report report, List<Run> plan, Results results, Results sessions) {
    report.heading("How this was made");
    double seconds = 0;
    for (Results.Row row : results.rows()) {
      double own = row.number(SECONDS);
      seconds += Double.isNaN(own) ? 0 : own;
    }
    report.paragraph(
        String.format(
            Locale.ROOT,
            "%d runs took %.1f minutes in all, at the scale `%s`. Every number above is a mean over"
                + " rows of `%s.csv`, whose columns `%s` tell which run a row belongs to; the run"
                + " is repeated by its command, where DIR holds a folder for each dataset. A"
                + " stopped experiment goes on when the same command is given again.",
            plan.size(),
            seconds / 60,
            request.scale().name().toLowerCase(Locale.ROOT),
            experiment.name(),
            String.join("`, `", experiment.settings())));
    report.table(
        List.of("session", "started", "computed with", "command"),
        sessions.rows().stream()
            .filter(row -> results.distinct(SESSION).contains(row.text(SESSION)))
            .map(
                row ->
                    List.of(
                        row.text(SESSION),
                        row.text("started"),
                        row.text("machine")
                            + "; "
                            + Report.count(row.integer("threads"), "thread")
                            + ", "
                            + row.text("precision")
                            + "; "
                            + row.text("versions"),
                        "`" + row.text("command") + "`"))
            .toList());
    List<String> datasets = results.distinct(Recipe.DATASET);
    if (!datasets.isEmpty()) {
      report.paragraph("Data, with the beginning of the fingerprint of the files:");
    }
    report.points(
        datasets.stream()
            .map(
                name ->
                    name
                        + " `"
                        + String.join(
                            "`, `", results.where(Recipe.DATASET, name).distinct(FINGERPRINT))
                        + "`")
            .toList());
    report.paragraph(
        "The first and the last run, as commands (all are at the end of `"
            + experiment.name()
            + ".html`):");
    if (!plan.isEmpty()) {
      report.code(experiment.command(plan.getFirst()) + "\n" + experiment.command(plan.getLast()));
    }
    var rows = new ArrayList<List<String>>();
    var byKey = new LinkedHashMap<String, Results.Row>();
    // The last row of a run is its result.
    results.rows().forEach(row -> byKey.put(row.run(experiment.settings()).key(), row));
    for (Run run : plan) {
      Results.@Nullable Row last = byKey.get(run.key());
      if (last != null) {
        var cells = new ArrayList<String>();
        cells.add(run.key());
        experiment.measurements().forEach(column -> cells.add(shortened(last.text(column))));
        cells.add("`" + experiment.command(run) + "`");
        rows.add(cells);
      }
    }
    var header = new ArrayList<String>(List.of("run"));
    header.addAll(experiment.measurements());
    header.add("command");
    report.details("Every run, with the last row of its result and its command", header, rows);
  }

  private static String shortened(String cell) {
    return cell.length() <= LONGEST_CELL ? cell : cell.substring(0, LONGEST_CELL) + " ...";
  }
}
