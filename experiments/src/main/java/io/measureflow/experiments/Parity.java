package io.measureflow.experiments;

import static io.measureflow.experiments.Recipe.COMPONENTS;
import static io.measureflow.experiments.Recipe.DATASET;
import static io.measureflow.experiments.Recipe.EPOCHS;
import static io.measureflow.experiments.Recipe.FAMILY;
import static io.measureflow.experiments.Recipe.RANK;
import static io.measureflow.experiments.Recipe.RATE;
import static io.measureflow.experiments.Recipe.SCHEDULE;
import static io.measureflow.experiments.Recipe.VALIDATION;

import io.measureflow.api.data.Dataset;
import io.measureflow.core.families.Families;
import io.measureflow.core.training.EpochReport;
import io.measureflow.core.training.Metrics;
import io.measureflow.experiments.plots.Figure;
import io.measureflow.experiments.plots.LinePlot;
import java.awt.Color;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;

/**
 * Gaussian-mixture layers against fully connected ones, at an equal number of components and at an
 * equal number of trained parameters. Both sides have their step size tuned by the same budget on
 * the same held-out tenth of the training rows; the best one is then trained on all of them from
 * several seeds.
 */
final class Parity implements Experiment {

  private static final String PURPOSE = "purpose";
  private static final String TUNE = "tune";
  private static final String COMPARE = "compare";
  private static final String DIRAC = "dirac";
  private static final String EPOCH = "epoch";
  private static final String VALIDATION_ACCURACY = "validation_accuracy";
  private static final String TEST_ACCURACY = "test_accuracy";
  private static final double HELD_OUT = 0.1;
  private static final long FIRST_TUNING_SEED = 101;

  /** Layers from so many components on hardly differ by seed, and cost the most. */
  private static final int MANY_COMPONENTS = 256;
  private static final int PANEL_WIDTH = 520;
  private static final int PANEL_HEIGHT = 380;

  private final Plan plan;

  /**
   * A dataset.
   *
   * @param name its name
   * @param title its name for people
   * @param inputs its number of features
   * @param outputs its number of classes
   * @param tolerance up to which difference of accuracies, in per cent, parity is said to hold
   */
  record Data(String name, String title, int inputs, int outputs, double tolerance) {

    static final Data MNIST = new Data("mnist", "MNIST", 784, 10, 0.3);
    static final Data FASHION = new Data("fashion-mnist", "Fashion-MNIST", 784, 10, 0.5);
  }

  /**
   * What is compared.
   *
   * @param components the numbers of components K
   * @param rank the rank of the family factored
   * @param rates the step sizes tried for each side, below 256 components
   * @param fewRates those tried from 256 components on, which cost the most
   * @param tuningSeeds from how many seeds each is tried, below 256 components; else from one
   * @param seeds how many seeds the comparison has
   */
  record Plan(
      List<Data> data,
      List<String> families,
      List<Integer> components,
      int rank,
      List<Double> rates,
      List<Double> fewRates,
      int tuningSeeds,
      int epochs,
      int seeds) {

    static Plan of(Scale scale) {
      List<Data> both = List.of(Data.MNIST, Data.FASHION);
      List<String> families = List.of("isotropic", "diagonal", "factored");
      List<Double> rates = List.of(0.2, 0.4, 0.6, 0.8, 1.2);
      List<Double> few = List.of(0.4, 0.8, 1.2);
      return switch (scale) {
        case QUICK -> new Plan(both, families, List.of(10), 4, List.of(0.2, 0.4), few, 1, 1, 2);
        case STANDARD -> new Plan(both, families, List.of(10, 64, 256), 4, rates, few, 3, 5, 5);
        case FULL -> new Plan(both, families, List.of(10, 64, 256), 4, rates, rates, 5, 20, 10);
      };
    }
  }

  /**
   * One side of a comparison.
   *
   * @param tuning how its step is tuned, which is the same for the other side
   */
  record Side(Data data, String family, int components, int rank, Tuning tuning) {}

  /** The step sizes that are tried, and from how many seeds. */
  record Tuning(List<Double> rates, int seeds) {}

  Parity(Scale scale) {
    this(Plan.of(scale));
  }

  Parity(Plan plan) {
    this.plan = plan;
  }

  @Override
  public String name() {
    return "parity";
  }

  @Override
  public String title() {
    return "Parity: Gaussian-mixture layers against fully connected layers";
  }

  @Override
  public List<String> settings() {
    return List.of(
        PURPOSE, DATASET, FAMILY, COMPONENTS, RANK, RATE, EPOCHS, SCHEDULE, "batch", VALIDATION);
  }

  @Override
  public List<String> measurements() {
    return List.of(
        EPOCH, "train_loss", "validation_loss", VALIDATION_ACCURACY, "test_loss", TEST_ACCURACY);
  }

  @Override
  public List<String> datasets() {
    return plan.data().stream().map(Data::name).toList();
  }

  private int rank(String family) {
    return family.equals("factored") ? plan.rank() : 0;
  }

  private Side mixture(Data data, String family, int components) {
    return new Side(
        data,
        family,
        components,
        rank(family),
        components < MANY_COMPONENTS
            ? new Tuning(plan.rates(), plan.tuningSeeds())
            : new Tuning(plan.fewRates(), 1));
  }

  /** The fully connected layer with as many neurons as the mixture has components. */
  private static Side equalComponents(Side mixture) {
    return new Side(mixture.data(), DIRAC, mixture.components(), 0, mixture.tuning());
  }

  /** The fully connected layer with as many parameters. */
  static Side equalParameters(Side mixture) {
    Data data = mixture.data();
    return new Side(
        data,
        DIRAC,
        Widths.ofEqualParameters(
            Families.onClassPath().get(mixture.family()),
            data.inputs(),
            data.outputs(),
            mixture.components(),
            mixture.rank()),
        0,
        mixture.tuning());
  }

  private List<Side> mixtures(Data data) {
    var sides = new ArrayList<Side>();
    for (int components : plan.components()) {
      plan.families().forEach(family -> sides.add(mixture(data, family, components)));
    }
    return sides;
  }

  private List<Side> sides() {
    var sides = new LinkedHashSet<Side>();
    for (Data data : plan.data()) {
      for (Side mixture : mixtures(data)) {
        sides.add(equalComponents(mixture));
        sides.add(mixture);
        sides.add(equalParameters(mixture));
      }
    }
    return List.copyOf(sides);
  }

  private Run run(String purpose, Side side, double rate, long seed) {
    Run run =
        Run.of(
            seed,
            PURPOSE,
            purpose,
            DATASET,
            side.data().name(),
            FAMILY,
            side.family(),
            COMPONENTS,
            side.components(),
            RANK,
            side.rank() == 0 ? "" : side.rank(),
            RATE,
            rate,
            EPOCHS,
            plan.epochs(),
            SCHEDULE,
            "cosine",
            "batch",
            128);
    return purpose.equals(TUNE) ? run.with(VALIDATION, HELD_OUT) : run;
  }

  @Override
  public List<Run> plan(Results done) {
    // A set: two comparisons may have a side in common.
    var runs = new LinkedHashSet<Run>();
    List<Side> sides = sides();
    sides.forEach(side -> runs.addAll(tries(side)));
    for (int seed = 1; seed <= plan.seeds(); seed++) {
      for (Side side : sides) {
        Optional<Double> rate = tuned(side, done);
        if (rate.isPresent()) {
          runs.add(run(COMPARE, side, rate.get(), seed));
        }
      }
    }
    return List.copyOf(runs);
  }

  private List<Run> tries(Side side) {
    var runs = new ArrayList<Run>();
    for (double rate : side.tuning().rates()) {
      for (int i = 0; i < side.tuning().seeds(); i++) {
        runs.add(run(TUNE, side, rate, FIRST_TUNING_SEED + i));
      }
    }
    return runs;
  }

  private Results of(Side side, String purpose, Results results) {
    return results
        .where(PURPOSE, purpose)
        .where(DATASET, side.data().name())
        .where(FAMILY, side.family())
        .where(COMPONENTS, side.components());
  }

  /** The step size of the best mean accuracy on held-out rows, once all have been tried. */
  private Optional<Double> tuned(Side side, Results done) {
    List<Run> tries = tries(side);
    Results results = of(side, TUNE, done).of(tries, settings());
    if (results.rows().size() < tries.size()) {
      return Optional.empty();
    }
    double best = Double.NEGATIVE_INFINITY;
    double rate = side.tuning().rates().getFirst();
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

  @Override
  public List<Measured> perform(Run run, Laboratory laboratory) {
    boolean tune = run.setting(PURPOSE).equals(TUNE);
    Dataset dataset = laboratory.dataset(run);
    Laboratory.Trained trained =
        laboratory.train(
            run, tune ? Laboratory.withoutTest(dataset) : dataset, UnaryOperator.identity());
    if (trained.diverged()) {
      return List.of(new Measured().put(EPOCH, trained.epochs().size()));
    }
    var rows = new ArrayList<Measured>();
    for (EpochReport report : trained.epochs()) {
      if (!tune || report.epoch() == plan.epochs()) {
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
    }
    return rows;
  }

  @Override
  public String brief(List<Measured> result) {
    var cells = result.getLast().cells();
    String accuracy =
        cells.getOrDefault(TEST_ACCURACY, cells.getOrDefault(VALIDATION_ACCURACY, ""));
    return accuracy.isEmpty() ? "diverged" : "accuracy " + accuracy;
  }

  @Override
  public String command(Run run) {
    return Recipe.command(run);
  }

  /** The accuracy on test rows after the last epoch, over the seeds. */
  private Sample accuracy(Side side, Results results) {
    return of(side, COMPARE, results).where(EPOCH, plan.epochs()).sample(TEST_ACCURACY);
  }

  /**
   * A mixture and a fully connected layer.
   *
   * @param difference by how much the mixture is better, in per cent
   * @param error the standard error of that
   */
  private record Comparison(
      Side mixture, Side connected, String at, double difference, double error) {

    boolean isParity() {
      return Math.abs(difference) <= mixture.data().tolerance();
    }

    String shown() {
      return String.format(Locale.ROOT, "%+.2f", difference);
    }
  }

  private Comparison compare(Side mixture, Side connected, String at, Results results) {
    Sample own = accuracy(mixture, results);
    Sample other = accuracy(connected, results);
    return new Comparison(
        mixture,
        connected,
        at,
        100 * (own.mean() - other.mean()),
        100 * Math.hypot(own.error(), other.error()));
  }

  private List<Comparison> comparisons(Data data, Results results) {
    var all = new ArrayList<Comparison>();
    for (Side mixture : mixtures(data)) {
      all.add(compare(mixture, equalComponents(mixture), "equal K", results));
      all.add(compare(mixture, equalParameters(mixture), "equal parameters", results));
    }
    return all;
  }

  @Override
  public void report(Results results, Report report) {
    for (Data data : plan.data()) {
      report.paragraph(verdict(data, comparisons(data, results)));
    }
    report.paragraph(
        String.format(
            Locale.ROOT,
            "Each side is one layer of relu neurons with bias in mean-field scaling, trained by the"
                + " Wasserstein gradient flow for %d epochs in batches of 128, its step falling to"
                + " 0 along half a cosine; `dirac` is the fully connected layer. The step was tuned"
                + " for each side by the same budget: %d values (%s) from %d seeds, for K = 256 %d values (%s)"
                + " from one, on a tenth of the training rows held out. The best was trained on all training rows"
                + " from %d other seeds. Accuracies are on the test rows after the last epoch, in per cent, mean"
                + " ± standard deviation over the seeds; parameters are those that are trained.",
            plan.epochs(),
            plan.rates().size(),
            String.join(", ", plan.rates().stream().map(Run::text).toList()),
            plan.tuningSeeds(),
            plan.fewRates().size(),
            String.join(", ", plan.fewRates().stream().map(Run::text).toList()),
            plan.seeds()));
    for (Data data : plan.data()) {
      report.heading(data.title());
      table(data, results, report);
      curves(data, results, report);
      steps(data, results, report);
    }
  }

  private static String verdict(Data data, List<Comparison> comparisons) {
    var text = new StringBuilder();
    long holds = comparisons.stream().filter(Comparison::isParity).count();
    text.append(
        String.format(
            Locale.ROOT,
            "On %s the mixture and the fully connected layer agree within %.1f points in %d of %d"
                + " comparisons.",
            data.title(),
            data.tolerance(),
            holds,
            comparisons.size()));
    List<Comparison> better =
        comparisons.stream().filter(c -> !c.isParity() && c.difference() > 0).toList();
    List<Comparison> worse =
        comparisons.stream().filter(c -> !c.isParity() && !(c.difference() > 0)).toList();
    if (!better.isEmpty()) {
      text.append(" The mixture is better by more: ").append(list(better)).append('.');
    }
    if (!worse.isEmpty()) {
      text.append(" It is worse by more, so that parity does not hold: ")
          .append(list(worse))
          .append('.');
    }
    return text.toString();
  }

  private static String list(List<Comparison> comparisons) {
    return String.join(
        "; ",
        comparisons.stream()
            .map(
                c ->
                    String.format(
                        Locale.ROOT,
                        "%s K = %d at %s (%s ± %.2f)",
                        c.mixture().family(),
                        c.mixture().components(),
                        c.at(),
                        c.shown(),
                        c.error()))
            .toList());
  }

  private void table(Data data, Results results, Report report) {
    var rows = new ArrayList<List<String>>();
    for (Side mixture : mixtures(data)) {
      Side equal = equalComponents(mixture);
      Side same = equalParameters(mixture);
      rows.add(
          List.of(
              mixture.family() + ", K = " + mixture.components(),
              count(mixture),
              accuracy(mixture, results).percent(),
              accuracy(equal, results).percent(),
              compare(mixture, equal, "", results).shown(),
              String.valueOf(same.components()),
              accuracy(same, results).percent(),
              compare(mixture, same, "", results).shown()));
    }
    report.table(
        List.of(
            "mixture",
            "parameters",
            "accuracy",
            "dirac, equal K",
            "difference",
            "width at equal parameters",
            "dirac, equal parameters",
            "difference"),
        rows);
  }

  private static String count(Side side) {
    return String.format(
            Locale.ROOT,
            "%,d",
            Widths.parameters(
                Families.onClassPath().get(side.family()),
                side.data().inputs(),
                side.data().outputs(),
                side.components(),
                side.rank()))
        .replace(',', ' ');
  }

  private void curves(Data data, Results results, Report report) {
    var plots = new ArrayList<LinePlot>();
    for (int components : plan.components()) {
      var plot =
          new LinePlot(
                  PANEL_WIDTH,
                  PANEL_HEIGHT,
                  data.title() + ", K = " + components,
                  "epoch",
                  "test accuracy in per cent")
              .legend(LinePlot.Legend.SOUTH_EAST)
              .wholeNumbersOnX();
      curve(
          plot,
          mixture(data, DIRAC, components),
          "dirac",
          results,
          LinePlot.COLORS.getLast());
      for (int i = 0; i < plan.families().size(); i++) {
        Side mixture = mixture(data, plan.families().get(i), components);
        curve(plot, mixture, mixture.family(), results, LinePlot.COLORS.get(i));
      }
      plots.add(plot);
    }
    report.figure(
        name() + "-" + data.name(),
        Figure.png(plots, plan.components().size()),
        "Accuracy on the test rows along training, mean and standard deviation over the seeds, at"
            + " equal K.");
  }

  private void curve(LinePlot plot, Side side, String label, Results results, Color color) {
    SequencedMap<Double, Results> byEpoch = of(side, COMPARE, results).by(EPOCH);
    double[] epochs = byEpoch.keySet().stream().mapToDouble(Double::doubleValue).toArray();
    List<Sample> samples =
        byEpoch.values().stream().map(part -> part.sample(TEST_ACCURACY)).toList();
    plot.line(
        label,
        epochs,
        samples.stream().mapToDouble(s -> 100 * s.mean()).toArray(),
        samples.stream().mapToDouble(s -> 100 * s.deviation()).toArray(),
        color);
  }

  private void steps(Data data, Results results, Report report) {
    report.paragraph(
        "Accuracy on held-out rows by step size, from which the steps were chosen; a dash is a loss"
            + " that was no longer finite, or a step that was not tried.");
    var header = new ArrayList<String>(List.of("layer"));
    plan.rates().forEach(rate -> header.add("h = " + Run.text(rate)));
    header.add("chosen");
    var rows = new ArrayList<List<String>>();
    for (Side side : sides()) {
      if (!side.data().equals(data)) {
        continue;
      }
      var row = new ArrayList<String>();
      row.add(side.family() + ", K = " + side.components());
      for (double rate : plan.rates()) {
        row.add(
            of(side, TUNE, results).where(RATE, rate).sample(VALIDATION_ACCURACY).percent());
      }
      row.add(tuned(side, results).map(Run::text).orElse("–"));
      rows.add(row);
    }
    report.table(header, rows);
  }
}
