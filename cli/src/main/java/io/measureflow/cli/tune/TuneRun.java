package io.measureflow.cli.tune;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.Schema;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.cli.command.MachineLimits;
import io.measureflow.cli.command.Wiring;
import io.measureflow.cli.run.RunStart;
import io.measureflow.cli.terminal.Text;
import io.measureflow.config.RunConfig;
import io.measureflow.core.data.StratifiedSplit;
import io.measureflow.core.training.Trainer;
import io.measureflow.tune.Halving;
import io.measureflow.tune.Search;
import io.measureflow.tune.SearchSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/** A search from its request to its table, its best settings and its page. */
final class TuneRun {

  private static final List<String> MEMORY_OPTIONS =
      List.of("--batch", "--components", "--storage");

  private final TuneRequest request;
  private final RunConfig fixed;
  private final TuneFolder folder;
  private final boolean resumed;

  /**
   * @param fixed the settings of all trials, with a fraction of rows to validate on
   * @param resumed whether they were read from the folder
   */
  TuneRun(TuneRequest request, RunConfig fixed, TuneFolder folder, boolean resumed) {
    this.request = request;
    this.fixed = fixed.suitedToLoss(Wiring.of(fixed).extensions());
    this.folder = folder;
    this.resumed = resumed;
  }

  /** Searches, or continues a search. */
  void run() {
    SearchSpace space = request.space();
    Wiring wiring = Wiring.of(fixed);
    SearchedSettings.check(space, fixed, wiring.extensions());
    try (Backend backend = wiring.backend();
        Dataset loaded = wiring.load(RunStart.data(fixed, wiring.extensions(), backend))) {
      search(space, wiring, backend, new TrainingRows(loaded));
    } catch (RuntimeException | Error e) {
      throw MachineLimits.explain(e, MEMORY_OPTIONS)
          .<RuntimeException>map(limit -> limit)
          .orElseGet(() -> thrown(e));
    }
  }

  private static RuntimeException thrown(Throwable e) {
    if (e instanceof Error error) {
      throw error;
    }
    return (RuntimeException) e;
  }

  private void search(SearchSpace space, Wiring wiring, Backend backend, Dataset dataset) {
    Schema.Target target = dataset.schema().target();
    JudgedBy metric = JudgedBy.of(request.metric(), target);
    List<StratifiedSplit> parts = parts(dataset);
    List<SequencedMap<String, String>> trials = space.draw(request.trials(), fixed.seed());
    int epochs = TrialPlan.epochs(fixed, space.settings(), wiring.extensions(), dataset);
    Halving halving =
        request.least().isPresent()
            ? Halving.of(trials.size(), request.reduction(), request.least().getAsInt(), epochs)
            : Halving.of(trials.size(), request.reduction(), epochs);
    var plans = new ArrayList<TrialPlan>();
    for (SequencedMap<String, String> trial : trials) {
      plans.add(TrialPlan.of(fixed, trial, epochs, wiring.extensions(), dataset));
    }
    folder.begin(request.json(dataset.fingerprint()), rendered(), resumed);
    TrialsFile file =
        TrialsFile.open(
            folder.trials(),
            TrialRow.columns(metric, target instanceof Schema.Target.Classes),
            trials);
    folder.prepareCheckpoints();
    announce(dataset, metric, parts, halving, trials.size(), file.rows().size());
    var runner = new TrialRunner(wiring, backend, dataset, parts, metric, folder);
    var goodbye = new Thread(this::sayGoodbye, "goodbye");
    Runtime.getRuntime().addShutdownHook(goodbye);
    List<Search.Result> ranked;
    try {
      ranked =
          new Search(trials, halving)
              .run(
                  file.rows().stream().map(row -> row.result(metric)).toList(),
                  (trial, settings, until) -> {
                    int round = round(halving, until);
                    dropCheckpoints(file.rows(), round);
                    long begin = System.nanoTime();
                    TrialRow row = runner.train(round, trial, plans.get(trial), until);
                    file.append(row);
                    report(row, metric, halving, settings, (System.nanoTime() - begin) * 1e-9);
                    return row.result(metric).score();
                  });
    } finally {
      forget(goodbye);
    }
    if (!ranked.getFirst().succeeded()) {
      throw new RunFailedException(
          "tune: all "
              + trials.size()
              + " trials diverged. Search among lower learning rates, or standardise the features;"
              + " "
              + folder.trials()
              + " lists what was tried.");
    }
    finish(
        new TuneOutcome(
            fixed.dataset().title(), metric, target, halving, space, all(ranked, trials, file)),
        plans.get(ranked.getFirst().trial()),
        backend,
        wiring);
  }

  private List<StratifiedSplit> parts(Dataset dataset) {
    return request.folds() > 0
        ? StratifiedSplit.folds(
            "--folds", dataset.train(), dataset.schema().target(), request.folds(), fixed.seed())
        : List.of(
            Trainer.validationSplit(
                    dataset, fixed.training().validation().orElseThrow(), fixed.seed())
                .orElseThrow());
  }

  /** Returns the fixed settings as a file, which the same command on other threads writes too. */
  private String rendered() {
    return "# What all trials of this search have; what is varied stands in search.json.\n"
        + fixed.with(Map.of("threads", "auto", "out", "auto"), "tune").render();
  }

  private static int round(Halving halving, int epochs) {
    return halving.rounds().stream().map(Halving.Round::epochs).toList().indexOf(epochs);
  }

  /** Trials that were left out in the round before the last do not go on. */
  private void dropCheckpoints(List<TrialRow> rows, int round) {
    if (round > 0 && rows.stream().noneMatch(row -> row.round() == round)) {
      folder.keepCheckpoints(
          rows.stream().filter(row -> row.round() == round - 1).map(TrialRow::trial).toList());
    }
  }

  private static List<TrialRow.Trial> all(
      List<Search.Result> ranked, List<SequencedMap<String, String>> trials, TrialsFile file) {
    return ranked.stream()
        .map(
            result ->
                new TrialRow.Trial(
                    result.trial(),
                    trials.get(result.trial()),
                    file.rows().stream().filter(row -> row.trial() == result.trial()).toList()))
        .toList();
  }

  private void announce(
      Dataset dataset,
      JudgedBy metric,
      List<StratifiedSplit> parts,
      Halving halving,
      int trials,
      int done) {
    System.err.println(
        "data "
            + dataset.name()
            + ": "
            + Text.count(dataset.train().rows())
            + " training rows, judged by "
            + metric.title()
            + (parts.size() > 1
                ? " in " + parts.size() + " folds"
                : " on " + Text.count(parts.getFirst().held().rows()) + " of them held out"));
    System.err.println(
        "rounds: "
            + halving.rounds().stream()
                .map(
                    round ->
                        Text.count(round.trials(), "trial")
                            + " to "
                            + Text.count(round.epochs(), "epoch"))
                .collect(Collectors.joining(", ")));
    if (trials < request.trials()) {
      System.err.println("there are only " + trials + " combinations of these values");
    }
    if (done > 0) {
      System.err.println("continuing after " + Text.count(done, "result") + " of " + folder.path());
    }
  }

  private static void report(
      TrialRow row,
      JudgedBy metric,
      Halving halving,
      SequencedMap<String, String> settings,
      double seconds) {
    System.err.println(
        "round "
            + (row.round() + 1)
            + "/"
            + halving.rounds().size()
            + "  trial "
            + (row.trial() + 1)
            + "  "
            + settings.entrySet().stream()
                .map(entry -> SearchedSettings.name(entry.getKey()) + "=" + entry.getValue())
                .collect(Collectors.joining(" "))
            + "  "
            + (row.isDiverged()
                ? "diverged"
                : metric.title() + " " + Text.loss(row.score()) + " after epoch " + row.epochs())
            + "  "
            + Text.duration(seconds));
  }

  private void finish(TuneOutcome outcome, TrialPlan best, Backend backend, Wiring wiring) {
    AtomicFile.write(
        folder.best(),
        "# The best settings of a search ("
            + TuneFolder.MARK
            + " beside this file). To train with them:  measureflow train --config "
            + folder.best().getFileName()
            + "\n"
            + best.config()
                .resolved(best.spec(), best.settings(), backend.description(), wiring.extensions())
                .render());
    folder.keepCheckpoints(List.of());
    System.out.print(TuneTable.of(outcome));
    System.out.println();
    System.out.println("with these settings  " + TuneOutcome.again(folder));
    System.out.println("on all rows          " + outcome.onAllRows(folder, best.settings()));
    System.out.flush();
    TunePage.write(outcome, best.settings(), folder);
    System.out.println("page                 " + folder.page());
  }

  private void sayGoodbye() {
    System.err.println(
        System.lineSeparator()
            + "interrupted; continue with: measureflow tune --resume "
            + folder.path());
  }

  private static void forget(Thread goodbye) {
    try {
      Runtime.getRuntime().removeShutdownHook(goodbye);
    } catch (IllegalStateException e) {
      // The program is already ending, and the shutdown hook runs.
    }
  }
}
