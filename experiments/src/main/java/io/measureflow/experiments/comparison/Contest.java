package io.measureflow.experiments.comparison;

import static io.measureflow.experiments.runner.Recipe.BATCH;
import static io.measureflow.experiments.runner.Recipe.DATASET;
import static io.measureflow.experiments.runner.Recipe.EPOCHS;
import static io.measureflow.experiments.runner.Recipe.RATE;
import static io.measureflow.experiments.runner.Recipe.SCHEDULE;
import static io.measureflow.experiments.runner.Recipe.VALIDATION;

import io.measureflow.api.data.Dataset;
import io.measureflow.core.training.EpochReport;
import io.measureflow.core.training.Metrics;
import io.measureflow.experiments.results.Measured;
import io.measureflow.experiments.results.Results;
import io.measureflow.experiments.results.Run;
import io.measureflow.experiments.results.Sample;
import io.measureflow.experiments.runner.Experiment;
import io.measureflow.experiments.runner.Laboratory;
import io.measureflow.plots.LinePlot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;

/**
 * A fair comparison of models, its sides. The learning rate of each side is tuned on a held-out
 * tenth of the training rows, without the test rows. The best one is then used to train on all
 * training rows from other seeds, and only these models are tested.
 *
 * @param <S> a side: what distinguishes one model from another
 */
abstract class Contest<S> implements Experiment {

  private static final String PURPOSE = "purpose";
  private static final String TUNE = "tune";
  private static final String COMPARE = "compare";
  private static final String EPOCH = "epoch";
  private static final String TEST_ACCURACY = "test_accuracy";

  /** The column with the accuracy on held-out rows. */
  static final String VALIDATION_ACCURACY = "validation_accuracy";

  private static final double HELD_OUT = 0.1;
  private static final long FIRST_TUNING_SEED = 101;

  /**
   * How a learning rate is tuned.
   *
   * @param rates the learning rates to try
   * @param seeds the number of seeds to try each with
   */
  record Tuning(List<Double> rates, int seeds) {

    /** The tuning in words, for reports. */
    String shown() {
      return (rates.size() == 1 ? "one value (" : rates.size() + " values (")
          + String.join(", ", rates.stream().map(Run::text).toList())
          + ") from "
          + (seeds == 1 ? "one seed" : seeds + " seeds");
    }
  }

  /** The sides, each once. */
  abstract List<S> sides();

  /** The columns of the settings that {@link #model} gives, in order. */
  abstract List<String> modelSettings();

  /** The name of the dataset that a side is trained on. */
  abstract String dataset(S side);

  /** The model of a side, as settings of a run; its seed is ignored. */
  abstract Run model(S side);

  /** How the learning rate of a side is tuned. */
  abstract Tuning tuning(S side);

  /** The number of seeds that the tuned model is trained from. */
  abstract int seeds(S side);

  /** The number of epochs of every run. */
  abstract int epochs();

  /** The dataset of a run. */
  Dataset dataset(Run run, Laboratory laboratory) {
    return laboratory.dataset(run);
  }

  @Override
  public final List<String> settings() {
    var settings = new ArrayList<>(List.of(PURPOSE, DATASET));
    settings.addAll(modelSettings());
    settings.addAll(List.of(RATE, EPOCHS, SCHEDULE, BATCH, VALIDATION));
    return settings;
  }

  @Override
  public List<String> measurements() {
    return List.of(
        EPOCH, "train_loss", "validation_loss", VALIDATION_ACCURACY, "test_loss", TEST_ACCURACY);
  }

  private Run run(String purpose, S side, double rate, long seed) {
    Run model = model(side);
    var settings = new LinkedHashMap<String, String>();
    settings.put(PURPOSE, purpose);
    settings.put(DATASET, dataset(side));
    for (String name : modelSettings()) {
      if (model.has(name)) {
        settings.put(name, model.setting(name));
      }
    }
    settings.put(RATE, Run.text(rate));
    settings.put(EPOCHS, String.valueOf(epochs()));
    settings.put(SCHEDULE, "cosine");
    settings.put(BATCH, "128");
    if (purpose.equals(TUNE)) {
      settings.put(VALIDATION, Run.text(HELD_OUT));
    }
    return new Run(settings, seed);
  }

  /** {@inheritDoc} The runs that compare a side are known once its learning rate is. */
  @Override
  public final List<Run> plan(Results done) {
    // A set, since two sides may have the same model.
    var runs = new LinkedHashSet<Run>();
    List<S> sides = sides();
    sides.forEach(side -> runs.addAll(tuningRuns(side)));
    var rates = new LinkedHashMap<S, Optional<Double>>();
    sides.forEach(side -> rates.put(side, tuned(side, done)));
    int most = sides.stream().mapToInt(this::seeds).max().orElse(0);
    for (int i = 1; i <= most; i++) {
      long seed = i;
      rates.forEach(
          (side, rate) -> {
            if (seed <= seeds(side)) {
              rate.ifPresent(h -> runs.add(run(COMPARE, side, h, seed)));
            }
          });
    }
    return List.copyOf(runs);
  }

  private List<Run> tuningRuns(S side) {
    var runs = new ArrayList<Run>();
    for (double rate : tuning(side).rates()) {
      for (int i = 0; i < tuning(side).seeds(); i++) {
        runs.add(run(TUNE, side, rate, FIRST_TUNING_SEED + i));
      }
    }
    return runs;
  }

  /** The rows of the runs that tuned a side. */
  final Results tuningResults(S side, Results results) {
    return results.of(tuningRuns(side), settings());
  }

  /** The learning rate with the best mean accuracy on held-out rows, once all have been tried. */
  private Optional<Double> tuned(S side, Results done) {
    List<Run> runs = tuningRuns(side);
    Results results = done.of(runs, settings());
    if (results.keys(settings()).size() < runs.size()) {
      return Optional.empty();
    }
    double best = Double.NEGATIVE_INFINITY;
    double rate = tuning(side).rates().getFirst();
    for (var part : results.by(RATE).entrySet()) {
      // A run that diverged makes the mean NaN, and no comparison with NaN holds.
      double accuracy = part.getValue().sample(VALIDATION_ACCURACY).mean();
      if (accuracy > best) {
        best = accuracy;
        rate = part.getKey();
      }
    }
    return Optional.of(rate);
  }

  /** The tuned learning rate of a side as a table cell. */
  final String rate(S side, Results results) {
    return tuned(side, results).map(Run::text).orElse("–");
  }

  /** The rows of a side's runs on all training rows. */
  private Results compared(S side, Results results) {
    Optional<Double> rate = tuned(side, results);
    if (rate.isEmpty()) {
      return new Results(List.of());
    }
    var runs = new ArrayList<Run>();
    for (int seed = 1; seed <= seeds(side); seed++) {
      runs.add(run(COMPARE, side, rate.get(), seed));
    }
    return results.of(runs, settings());
  }

  /** The test accuracy of a side after the last epoch, over the seeds. */
  final Sample accuracy(S side, Results results) {
    return compared(side, results).where(EPOCH, epochs()).sample(TEST_ACCURACY);
  }

  @Override
  public List<Measured> perform(Run run, Laboratory laboratory) {
    boolean tune = run.setting(PURPOSE).equals(TUNE);
    Dataset dataset = dataset(run, laboratory);
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

  @Override
  public final String brief(List<Measured> result) {
    var cells = result.getLast().cells();
    String accuracy =
        cells.getOrDefault(TEST_ACCURACY, cells.getOrDefault(VALIDATION_ACCURACY, ""));
    return accuracy.isEmpty() ? "diverged" : "accuracy " + accuracy;
  }

  /**
   * Draws the test accuracy along training, with bars of one standard deviation over the seeds.
   *
   * @param sides the sides by their labels; the first is the baseline and is drawn in black
   */
  final LinePlot curves(
      int width, int height, String title, SequencedMap<String, S> sides, Results results) {
    LinePlot plot =
        new LinePlot(width, height, title, "epoch", "test accuracy in per cent")
            .legend(LinePlot.Legend.SOUTH_EAST)
            .wholeNumbersOnX();
    int next = 0;
    for (var side : sides.entrySet()) {
      SequencedMap<Double, Results> byEpoch = compared(side.getValue(), results).by(EPOCH);
      List<Sample> samples =
          byEpoch.values().stream().map(part -> part.sample(TEST_ACCURACY)).toList();
      plot.line(
          side.getKey(),
          byEpoch.keySet().stream().mapToDouble(Double::doubleValue).toArray(),
          samples.stream().mapToDouble(s -> 100 * s.mean()).toArray(),
          samples.stream().mapToDouble(s -> 100 * s.deviation()).toArray(),
          next == 0 ? LinePlot.COLORS.getLast() : LinePlot.COLORS.get(next - 1));
      next++;
    }
    return plot;
  }
}
