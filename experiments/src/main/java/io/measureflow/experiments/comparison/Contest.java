package io.measureflow.experiments.comparison;

import static io.measureflow.experiments.runner.Recipe.EPOCHS;
import static io.measureflow.experiments.runner.Recipe.RATE;
import static io.measureflow.experiments.runner.Recipe.VALIDATION;

import io.measureflow.api.data.Dataset;
import io.measureflow.core.training.EpochReport;
import io.measureflow.core.training.Metrics;
import io.measureflow.experiments.results.Measured;
import io.measureflow.experiments.results.Results;
import io.measureflow.experiments.results.Run;
import io.measureflow.experiments.results.Sample;
import io.measureflow.experiments.runner.Laboratory;
import io.measureflow.plots.LinePlot;
import java.awt.Color;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;

/**
 * A fair comparison of models. The step of each is tuned on a held-out tenth of the training rows,
 * and test rows are not looked at; the best one is then trained on all training rows from other
 * seeds, and tested.
 */
final class Contest {

  static final String PURPOSE = "purpose";
  static final String TUNE = "tune";
  static final String COMPARE = "compare";
  static final String EPOCH = "epoch";
  static final String VALIDATION_ACCURACY = "validation_accuracy";
  static final String TEST_ACCURACY = "test_accuracy";

  /** The columns of what is measured. */
  static final List<String> MEASUREMENTS =
      List.of(
          EPOCH, "train_loss", "validation_loss", VALIDATION_ACCURACY, "test_loss", TEST_ACCURACY);

  private static final double HELD_OUT = 0.1;
  private static final long FIRST_TUNING_SEED = 101;

  private final List<Entrant> entrants;
  private final List<String> settings;

  /**
   * How a step is tuned.
   *
   * @param rates the steps that are tried
   * @param seeds from how many seeds each is
   */
  record Tuning(List<Double> rates, int seeds) {

    /** For people. */
    String shown() {
      return (rates.size() == 1 ? "one value (" : rates.size() + " values (")
          + String.join(", ", rates.stream().map(Run::text).toList())
          + ") from "
          + (seeds == 1 ? "one seed" : seeds + " seeds");
    }
  }

  /**
   * One of those that are compared.
   *
   * @param base its settings but for the step; the seed does not matter
   * @param seeds from how many seeds the tuned model is compared
   */
  record Entrant(Run base, Tuning tuning, int seeds) {}

  /**
   * @param settings the columns of the experiment's settings, in their order
   */
  Contest(List<Entrant> entrants, List<String> settings) {
    this.entrants = List.copyOf(entrants);
    this.settings = List.copyOf(settings);
  }

  private Run run(String purpose, Entrant entrant, double rate, long seed) {
    Run run = entrant.base().with(PURPOSE, purpose).with(RATE, rate);
    if (purpose.equals(TUNE)) {
      run = run.with(VALIDATION, HELD_OUT);
    }
    var ordered = new LinkedHashMap<String, String>();
    for (String name : settings) {
      if (run.has(name)) {
        ordered.put(name, run.setting(name));
      }
    }
    return new Run(ordered, seed);
  }

  /** The runs, those of the comparison as soon as the steps are known. */
  List<Run> plan(Results done) {
    // A set: two comparisons may have a side in common.
    var runs = new LinkedHashSet<Run>();
    entrants.forEach(entrant -> runs.addAll(tries(entrant)));
    var rates = new LinkedHashMap<Entrant, Optional<Double>>();
    entrants.forEach(entrant -> rates.put(entrant, tuned(entrant, done)));
    int most = entrants.stream().mapToInt(Entrant::seeds).max().orElse(0);
    for (int seed = 1; seed <= most; seed++) {
      long own = seed;
      rates.forEach(
          (entrant, rate) -> {
            if (own <= entrant.seeds()) {
              rate.ifPresent(h -> runs.add(run(COMPARE, entrant, h, own)));
            }
          });
    }
    return List.copyOf(runs);
  }

  private List<Run> tries(Entrant entrant) {
    var runs = new ArrayList<Run>();
    for (double rate : entrant.tuning().rates()) {
      for (int i = 0; i < entrant.tuning().seeds(); i++) {
        runs.add(run(TUNE, entrant, rate, FIRST_TUNING_SEED + i));
      }
    }
    return runs;
  }

  /** The rows of the runs that tuned an entrant. */
  Results tuning(Entrant entrant, Results results) {
    return results.of(tries(entrant), settings);
  }

  /** The step of the best mean accuracy on held-out rows, once all have been tried. */
  Optional<Double> tuned(Entrant entrant, Results done) {
    List<Run> tries = tries(entrant);
    Results results = done.of(tries, settings);
    if (results.keys(settings).size() < tries.size()) {
      return Optional.empty();
    }
    double best = Double.NEGATIVE_INFINITY;
    double rate = entrant.tuning().rates().getFirst();
    for (var part : results.by(RATE).entrySet()) {
      // A try that diverged makes the mean NaN, which is no better than anything.
      double accuracy = part.getValue().sample(VALIDATION_ACCURACY).mean();
      if (accuracy > best) {
        best = accuracy;
        rate = part.getKey();
      }
    }
    return Optional.of(rate);
  }

  /** The rows of an entrant's runs on all training rows. */
  Results compared(Entrant entrant, Results results) {
    Optional<Double> rate = tuned(entrant, results);
    if (rate.isEmpty()) {
      return new Results(List.of());
    }
    var runs = new ArrayList<Run>();
    for (int seed = 1; seed <= entrant.seeds(); seed++) {
      runs.add(run(COMPARE, entrant, rate.get(), seed));
    }
    return results.of(runs, settings);
  }

  /** The accuracy on test rows after the last epoch, over the seeds. */
  Sample accuracy(Entrant entrant, Results results) {
    return compared(entrant, results)
        .where(EPOCH, entrant.base().integer(EPOCHS))
        .sample(TEST_ACCURACY);
  }

  /** Does a run on a dataset. */
  static List<Measured> perform(Run run, Dataset dataset, Laboratory laboratory) {
    boolean tune = run.setting(PURPOSE).equals(TUNE);
    Laboratory.Trained trained =
        laboratory.train(
            run, tune ? Laboratory.withoutTest(dataset) : dataset, UnaryOperator.identity());
    if (trained.diverged()) {
      return List.of(new Measured().put(EPOCH, trained.epochs().size()));
    }
    List<EpochReport> epochs = tune ? List.of(trained.epochs().getLast()) : trained.epochs();
    var rows = new ArrayList<Measured>();
    for (EpochReport report : epochs) {
      rows.add(
          new Measured()
              .put(EPOCH, report.epoch())
              .put("train_loss", report.train().loss())
              .put("validation_loss", report.validation().map(Metrics::loss).orElse(Double.NaN))
              .put(
                  VALIDATION_ACCURACY,
                  report.validation().map(Metrics::accuracy).orElse(Double.NaN))
              .put("test_loss", report.test().map(Metrics::loss).orElse(Double.NaN))
              .put(TEST_ACCURACY, report.test().map(Metrics::accuracy).orElse(Double.NaN)));
    }
    return rows;
  }

  /** A word about the result of a run. */
  static String brief(List<Measured> result) {
    var cells = result.getLast().cells();
    String accuracy =
        cells.getOrDefault(TEST_ACCURACY, cells.getOrDefault(VALIDATION_ACCURACY, ""));
    return accuracy.isEmpty() ? "diverged" : "accuracy " + accuracy;
  }

  /** Draws the accuracy on test rows along training, with bars of one deviation over the seeds. */
  void curve(LinePlot plot, Entrant entrant, String label, Results results, Color color) {
    SequencedMap<Double, Results> byEpoch = compared(entrant, results).by(EPOCH);
    List<Sample> samples =
        byEpoch.values().stream().map(part -> part.sample(TEST_ACCURACY)).toList();
    plot.line(
        label,
        byEpoch.keySet().stream().mapToDouble(Double::doubleValue).toArray(),
        samples.stream().mapToDouble(s -> 100 * s.mean()).toArray(),
        samples.stream().mapToDouble(s -> 100 * s.deviation()).toArray(),
        color);
  }
}
