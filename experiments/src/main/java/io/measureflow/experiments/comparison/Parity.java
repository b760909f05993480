package io.measureflow.experiments.comparison;

import static io.measureflow.experiments.runner.Recipe.COMPONENTS;
import static io.measureflow.experiments.runner.Recipe.FAMILY;
import static io.measureflow.experiments.runner.Recipe.RANK;
import static io.measureflow.experiments.runner.Recipe.RATE;

import io.measureflow.api.measure.Family;
import io.measureflow.api.registry.Extensions;
import io.measureflow.experiments.data.BenchmarkData;
import io.measureflow.experiments.report.Report;
import io.measureflow.experiments.request.Scale;
import io.measureflow.experiments.results.Results;
import io.measureflow.experiments.results.Run;
import io.measureflow.experiments.results.Sample;
import io.measureflow.experiments.runner.Recipe;
import io.measureflow.plots.Figure;
import io.measureflow.plots.LinePlot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;

/**
 * Gaussian-mixture layers against dense layers, with equally many components or equally many
 * trained parameters. The learning rates of both sides are tuned with the same budget.
 */
public final class Parity extends Contest<Parity.Side> {

  private static final String DIRAC = "dirac";
  private static final String EQUAL_COMPONENTS = "equal K";
  private static final String EQUAL_PARAMETERS = "equal parameters";

  /** From this number of components on, seeds hardly differ and runs cost the most. */
  private static final int MANY_COMPONENTS = 256;

  /** Below this number of components, seeds differ the most. */
  private static final int FEW_COMPONENTS = 64;

  private static final int PANEL_WIDTH = 520;
  private static final int PANEL_HEIGHT = 380;

  private final Plan plan;

  /**
   * The sizes of the experiment.
   *
   * @param components the numbers of components K
   * @param rank the rank of the factored family
   * @param rates the learning rates to try below 256 components
   * @param fewRates the learning rates to try from 256 components on
   * @param tuningSeeds the number of seeds per learning rate below 256 components; one from there
   *     on
   * @param seeds the number of seeds of the comparison
   * @param manySeeds the number of seeds of the comparison below 64 components
   */
  record Plan(
      List<BenchmarkData> data,
      List<String> families,
      List<Integer> components,
      int rank,
      List<Double> rates,
      List<Double> fewRates,
      int tuningSeeds,
      int epochs,
      int seeds,
      int manySeeds) {

    static Plan of(Scale scale) {
      List<BenchmarkData> both = List.of(BenchmarkData.MNIST, BenchmarkData.FASHION);
      List<String> families = List.of("isotropic", "diagonal", "factored");
      List<Double> rates = List.of(0.2, 0.4, 0.6, 0.8, 1.2);
      List<Double> few = List.of(0.4, 0.8, 1.2);
      return switch (scale) {
        case QUICK -> new Plan(both, families, List.of(10), 4, List.of(0.2, 0.4), few, 1, 1, 2, 2);
        case STANDARD -> new Plan(both, families, List.of(10, 64, 256), 4, rates, few, 3, 5, 5, 15);
        case FULL -> new Plan(both, families, List.of(10, 64, 256), 4, rates, rates, 5, 20, 10, 30);
      };
    }
  }

  /**
   * One side of a comparison.
   *
   * @param tuning how the learning rate is tuned, the same for both sides
   * @param seeds the number of seeds, the same for both sides
   */
  record Side(
      BenchmarkData data, String family, int components, int rank, Tuning tuning, int seeds) {}

  public Parity(Scale scale) {
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
  public List<String> datasets() {
    return plan.data().stream().map(BenchmarkData::name).toList();
  }

  private Side mixture(BenchmarkData data, String family, int components) {
    return new Side(
        data,
        family,
        components,
        Recipe.rank(family, plan.rank()).orElse(0),
        components < MANY_COMPONENTS
            ? new Tuning(plan.rates(), plan.tuningSeeds())
            : new Tuning(plan.fewRates(), 1),
        components < FEW_COMPONENTS ? plan.manySeeds() : plan.seeds());
  }

  /** The dense layer with as many neurons as the mixture has components. */
  private static Side equalComponents(Side mixture) {
    return new Side(
        mixture.data(), DIRAC, mixture.components(), 0, mixture.tuning(), mixture.seeds());
  }

  /** The dense layer with about as many trained parameters as the mixture. */
  static Side equalParameters(Side mixture) {
    BenchmarkData data = mixture.data();
    return new Side(
        data,
        DIRAC,
        Widths.ofEqualParameters(
            Extensions.onClassPath().of(Family.KIND).get(mixture.family()),
            data.inputs(),
            data.outputs(),
            mixture.components(),
            mixture.rank()),
        0,
        mixture.tuning(),
        mixture.seeds());
  }

  private List<Side> mixtures(BenchmarkData data) {
    var sides = new ArrayList<Side>();
    for (int components : plan.components()) {
      plan.families().forEach(family -> sides.add(mixture(data, family, components)));
    }
    return sides;
  }

  @Override
  List<Side> sides() {
    var sides = new LinkedHashSet<Side>();
    for (BenchmarkData data : plan.data()) {
      for (Side mixture : mixtures(data)) {
        sides.add(equalComponents(mixture));
        sides.add(mixture);
        sides.add(equalParameters(mixture));
      }
    }
    return List.copyOf(sides);
  }

  @Override
  List<String> modelSettings() {
    return List.of(FAMILY, COMPONENTS, RANK);
  }

  @Override
  String dataset(Side side) {
    return side.data().name();
  }

  @Override
  Run model(Side side) {
    return Run.of(
        0,
        FAMILY,
        side.family(),
        COMPONENTS,
        side.components(),
        RANK,
        Recipe.rank(side.family(), side.rank()));
  }

  @Override
  Tuning tuning(Side side) {
    return side.tuning();
  }

  @Override
  int seeds(Side side) {
    return side.seeds();
  }

  @Override
  int epochs() {
    return plan.epochs();
  }

  @Override
  public String command(Run run) {
    return Recipe.command(run);
  }

  /**
   * A mixture compared with a dense layer.
   *
   * @param difference the accuracy of the mixture minus that of the dense layer, in percentage
   *     points
   * @param error the standard error of the difference
   */
  private record Comparison(Side mixture, Side dense, String at, double difference, double error) {

    boolean isParity() {
      return Math.abs(difference) <= mixture.data().tolerance();
    }

    boolean isWorse() {
      return !(difference >= 0);
    }

    boolean isUnclear() {
      return Math.abs(difference) <= 2 * error;
    }

    String shown() {
      return String.format(Locale.ROOT, "%+.2f", difference);
    }
  }

  private Comparison compare(Side mixture, Side dense, String at, Results results) {
    Sample own = accuracy(mixture, results);
    Sample other = accuracy(dense, results);
    return new Comparison(
        mixture,
        dense,
        at,
        100 * (own.mean() - other.mean()),
        100 * Math.hypot(own.error(), other.error()));
  }

  private List<Comparison> comparisons(BenchmarkData data, Results results) {
    var all = new ArrayList<Comparison>();
    for (Side mixture : mixtures(data)) {
      all.add(compare(mixture, equalComponents(mixture), EQUAL_COMPONENTS, results));
      all.add(compare(mixture, equalParameters(mixture), EQUAL_PARAMETERS, results));
    }
    return all;
  }

  @Override
  public void report(Results results, Report report) {
    for (BenchmarkData data : plan.data()) {
      report.paragraph(verdict(data, comparisons(data, results)));
    }
    report.paragraph(
        "A number behind ± in these lists is the standard error of the difference. Where the two"
            + " averages of a family differ, the parameters of its spread are worth less, or more,"
            + " than the neurons that a fully connected layer has in their place.");
    report.paragraph(
        String.format(
            Locale.ROOT,
            "Each side is one layer of relu neurons with bias in mean-field scaling, trained by the"
                + " Wasserstein gradient flow for %s in batches of 128, its step falling to"
                + " 0 along half a cosine; `dirac` is the fully connected layer. The step was tuned"
                + " for each side by the same budget: %s, from K = 256 on %s, on a tenth of the"
                + " training rows held out. The best was trained on all training rows from %s"
                + " (%d below K = 64). Accuracies are on the test rows after the last epoch,"
                + " in per cent, mean ± standard deviation over the seeds; parameters are those"
                + " that are trained.",
            Report.count(plan.epochs(), "epoch"),
            new Tuning(plan.rates(), plan.tuningSeeds()).shown(),
            new Tuning(plan.fewRates(), 1).shown(),
            Report.count(plan.seeds(), "other seed"),
            plan.manySeeds()));
    for (BenchmarkData data : plan.data()) {
      report.heading(data.title());
      table(data, results, report);
      curves(data, results, report);
      steps(data, results, report);
    }
  }

  private String verdict(BenchmarkData data, List<Comparison> comparisons) {
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
    List<Comparison> unclear =
        comparisons.stream().filter(c -> !c.isParity() && c.isWorse() && c.isUnclear()).toList();
    List<Comparison> worse =
        comparisons.stream().filter(c -> !c.isParity() && c.isWorse() && !c.isUnclear()).toList();
    if (!better.isEmpty()) {
      text.append(" The mixture is better by more: ").append(list(better)).append('.');
    }
    if (!unclear.isEmpty()) {
      text.append(" It is worse by more, but by less than two standard errors: ")
          .append(list(unclear))
          .append('.');
    }
    if (!worse.isEmpty()) {
      text.append(" It is worse by more, so that parity does not hold: ")
          .append(list(worse))
          .append('.');
    }
    text.append(" On average over K the differences are:");
    String separator = " ";
    for (String family : plan.families()) {
      text.append(separator)
          .append(
              String.format(
                  Locale.ROOT,
                  "%s %+.2f at equal K and %+.2f at equal parameters",
                  family,
                  average(comparisons, family, EQUAL_COMPONENTS),
                  average(comparisons, family, EQUAL_PARAMETERS)));
      separator = "; ";
    }
    return text.append('.').toString();
  }

  private static double average(List<Comparison> comparisons, String family, String at) {
    return comparisons.stream()
        .filter(c -> c.mixture().family().equals(family) && c.at().equals(at))
        .mapToDouble(Comparison::difference)
        .average()
        .orElse(Double.NaN);
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

  private void table(BenchmarkData data, Results results, Report report) {
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
                Extensions.onClassPath().of(Family.KIND).get(side.family()),
                side.data().inputs(),
                side.data().outputs(),
                side.components(),
                side.rank()))
        .replace(',', ' ');
  }

  private void curves(BenchmarkData data, Results results, Report report) {
    var plots = new ArrayList<LinePlot>();
    for (int components : plan.components()) {
      var sides = new LinkedHashMap<String, Side>();
      sides.put(DIRAC, mixture(data, DIRAC, components));
      plan.families().forEach(family -> sides.put(family, mixture(data, family, components)));
      plots.add(
          curves(PANEL_WIDTH, PANEL_HEIGHT, data.title() + ", K = " + components, sides, results));
    }
    report.figure(
        name() + "-" + data.name(),
        Figure.png(plots, plan.components().size()),
        "Accuracy on the test rows along training, mean and standard deviation over the seeds, at"
            + " equal K.");
  }

  private void steps(BenchmarkData data, Results results, Report report) {
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
            tuningResults(side, results).where(RATE, rate).sample(VALIDATION_ACCURACY).percent());
      }
      row.add(rate(side, results));
      rows.add(row);
    }
    report.table(header, rows);
  }
}
