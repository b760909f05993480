package io.measureflow.experiments.comparison;

import static io.measureflow.experiments.runner.Recipe.BATCH;
import static io.measureflow.experiments.runner.Recipe.COMPONENTS;
import static io.measureflow.experiments.runner.Recipe.DATASET;
import static io.measureflow.experiments.runner.Recipe.EPOCHS;
import static io.measureflow.experiments.runner.Recipe.FAMILY;
import static io.measureflow.experiments.runner.Recipe.RANK;
import static io.measureflow.experiments.runner.Recipe.RATE;

import io.measureflow.core.training.EpochReport;
import io.measureflow.core.training.Metrics;
import io.measureflow.experiments.data.BenchmarkData;
import io.measureflow.experiments.report.Report;
import io.measureflow.experiments.request.Scale;
import io.measureflow.experiments.results.Measured;
import io.measureflow.experiments.results.Results;
import io.measureflow.experiments.results.Run;
import io.measureflow.experiments.results.Sample;
import io.measureflow.experiments.runner.Experiment;
import io.measureflow.experiments.runner.Laboratory;
import io.measureflow.experiments.runner.Recipe;
import io.measureflow.plots.Figure;
import io.measureflow.plots.LinePlot;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** The largest learning rate that still trains, and accuracy against learning rate. */
public final class Stability implements Experiment {

  private static final String ACCURACY = "test_accuracy";
  private static final int PANEL_WIDTH = 620;
  private static final int PANEL_HEIGHT = 420;

  /**
   * A learning rate trains if every seed comes this close, in percentage points, to the best mean
   * accuracy.
   */
  private static final double NEAR = 5;

  /** The learning rates whose accuracies the summary gives. */
  private static final List<Double> TOLD = List.of(0.2, 0.5, 1.0);

  private final Plan plan;

  /**
   * The sizes of the experiment.
   *
   * @param rank the rank of the factored family
   * @param rates the learning rates, ascending
   */
  record Plan(
      List<BenchmarkData> data,
      List<String> families,
      List<Integer> components,
      int rank,
      List<Double> rates,
      int epochs,
      int seeds) {

    static Plan of(Scale scale) {
      List<String> families = List.of("dirac", "isotropic", "diagonal", "factored");
      List<Double> rates =
          List.of(0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 5.6, 8.0);
      var fashion = BenchmarkData.FASHION;
      return switch (scale) {
        case QUICK ->
            new Plan(
                List.of(fashion), families, List.of(10), 4, List.of(0.1, 0.2, 0.5, 1.0, 2.0), 1, 2);
        case STANDARD -> new Plan(List.of(fashion), families, List.of(10, 64), 4, rates, 3, 5);
        case FULL ->
            new Plan(
                List.of(fashion, BenchmarkData.MNIST),
                families,
                List.of(10, 64, 256),
                4,
                rates,
                10,
                10);
      };
    }
  }

  public Stability(Scale scale) {
    this(Plan.of(scale));
  }

  Stability(Plan plan) {
    this.plan = plan;
  }

  @Override
  public String name() {
    return "stability";
  }

  @Override
  public String title() {
    return "Stability: the largest step that still trains";
  }

  @Override
  public List<String> settings() {
    return List.of(DATASET, FAMILY, COMPONENTS, RANK, RATE, EPOCHS, BATCH);
  }

  @Override
  public List<String> measurements() {
    return List.of("epochs_done", "train_loss", "test_loss", ACCURACY);
  }

  @Override
  public List<String> datasets() {
    return plan.data().stream().map(BenchmarkData::name).toList();
  }

  @Override
  public List<Run> plan(Results done) {
    var runs = new ArrayList<Run>();
    for (int seed = 1; seed <= plan.seeds(); seed++) {
      for (BenchmarkData data : plan.data()) {
        for (int components : plan.components()) {
          for (String family : plan.families()) {
            for (double rate : plan.rates()) {
              runs.add(
                  Run.of(
                      seed,
                      DATASET,
                      data.name(),
                      FAMILY,
                      family,
                      COMPONENTS,
                      components,
                      RANK,
                      Recipe.rank(family, plan.rank()),
                      RATE,
                      rate,
                      EPOCHS,
                      plan.epochs(),
                      BATCH,
                      128));
            }
          }
        }
      }
    }
    return runs;
  }

  @Override
  public List<Measured> perform(Run run, Laboratory laboratory) {
    Laboratory.Trained trained = laboratory.train(run);
    var measured = new Measured().put("epochs_done", trained.epochs().size());
    if (!trained.diverged()) {
      EpochReport last = trained.epochs().getLast();
      Metrics test = last.test().orElseThrow();
      measured
          .put("train_loss", last.train().loss())
          .put("test_loss", test.loss())
          .put(ACCURACY, test.accuracy());
    }
    return List.of(measured);
  }

  @Override
  public String brief(List<Measured> result) {
    String accuracy = result.getLast().cells().getOrDefault(ACCURACY, "");
    return accuracy.isEmpty() ? "diverged" : "accuracy " + accuracy;
  }

  @Override
  public String command(Run run) {
    return Recipe.command(run);
  }

  private static Results of(BenchmarkData data, String family, int components, Results results) {
    return results.where(DATASET, data.name()).where(FAMILY, family).where(COMPONENTS, components);
  }

  /** The accuracies at a learning rate; a run that diverged counts as 0. */
  private Sample accuracy(Results layer, double rate) {
    double[] accuracies = layer.where(RATE, rate).numbers(ACCURACY);
    for (int i = 0; i < accuracies.length; i++) {
      accuracies[i] = Double.isNaN(accuracies[i]) ? 0 : accuracies[i];
    }
    return Sample.of(accuracies);
  }

  private double best(Results layer) {
    return plan.rates().stream()
        .mapToDouble(rate -> accuracy(layer, rate).mean())
        .max()
        .orElseThrow();
  }

  /** The largest learning rate at which every seed trains. */
  private OptionalDouble largest(Results layer) {
    double best = best(layer);
    OptionalDouble largest = OptionalDouble.empty();
    for (double rate : plan.rates()) {
      boolean trains = true;
      for (double accuracy : layer.where(RATE, rate).numbers(ACCURACY)) {
        trains &= accuracy >= best - NEAR / 100;
      }
      if (trains) {
        largest = OptionalDouble.of(rate);
      }
    }
    return largest;
  }

  private static String shown(OptionalDouble rate) {
    return rate.isPresent() ? Run.text(rate.getAsDouble()) : "none";
  }

  @Override
  public void report(Results results, Report report) {
    for (BenchmarkData data : plan.data()) {
      for (int components : plan.components()) {
        report.paragraph(verdict(data, components, results));
      }
    }
    report.paragraph(
        String.format(
            Locale.ROOT,
            "One layer of relu neurons with bias in mean-field scaling, the Wasserstein gradient"
                + " flow at a constant step h, batches of 128, %s, %s; `dirac` is the"
                + " fully connected layer, for which this is stochastic gradient descent at the"
                + " learning rate h K. A step is said to train if every seed comes within %.0f"
                + " points of the best mean accuracy of the layer over all steps. Accuracies are on"
                + " the test rows after the last epoch, in per cent, mean ± standard deviation; a"
                + " run whose loss was no longer finite counts as 0.",
            Report.count(plan.epochs(), "epoch"),
            Report.count(plan.seeds(), "seed"),
            NEAR));
    for (BenchmarkData data : plan.data()) {
      report.heading(data.title());
      var plots = new ArrayList<LinePlot>();
      for (int components : plan.components()) {
        plots.add(plot(data, components, results));
      }
      report.figure(
          name() + "-" + data.name(),
          Figure.png(plots, plots.size()),
          "Accuracy on the test rows against the step, mean and standard deviation over the"
              + " seeds.");
      table(data, results, report);
    }
  }

  private String verdict(BenchmarkData data, int components, Results results) {
    var largest = new ArrayList<String>();
    for (String family : plan.families()) {
      largest.add(family + " " + shown(largest(of(data, family, components, results))));
    }
    var text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "On %s with K = %d the largest steps that train are: %s.",
            data.title(),
            components,
            String.join(", ", largest)));
    for (double rate : TOLD) {
      if (plan.rates().contains(rate)) {
        text.append(
            String.format(
                Locale.ROOT,
                " At h = %s the accuracies are: %s.",
                Run.text(rate),
                String.join(
                    ", ",
                    plan.families().stream()
                        .map(
                            family ->
                                family
                                    + " "
                                    + accuracy(of(data, family, components, results), rate)
                                        .percent())
                        .toList())));
      }
    }
    return text.toString();
  }

  private LinePlot plot(BenchmarkData data, int components, Results results) {
    var plot =
        new LinePlot(
                PANEL_WIDTH,
                PANEL_HEIGHT,
                data.title() + ", K = " + components,
                "step h",
                "test accuracy in per cent")
            .logarithmicX()
            .yFrom(0)
            .yTo(100)
            .legend(LinePlot.Legend.SOUTH_WEST);
    double[] rates = plan.rates().stream().mapToDouble(Double::doubleValue).toArray();
    for (int i = 0; i < plan.families().size(); i++) {
      String family = plan.families().get(i);
      Results layer = of(data, family, components, results);
      List<Sample> samples = plan.rates().stream().map(rate -> accuracy(layer, rate)).toList();
      plot.line(
          family,
          rates,
          samples.stream().mapToDouble(s -> 100 * s.mean()).toArray(),
          samples.stream().mapToDouble(s -> 100 * s.deviation()).toArray(),
          i == 0 ? LinePlot.COLORS.getLast() : LinePlot.COLORS.get(i - 1));
    }
    return plot;
  }

  private void table(BenchmarkData data, Results results, Report report) {
    var header = new ArrayList<String>(List.of("step h"));
    for (int components : plan.components()) {
      plan.families().forEach(family -> header.add(family + ", K = " + components));
    }
    var rows = new ArrayList<List<String>>();
    for (double rate : plan.rates()) {
      var row = new ArrayList<String>(List.of(Run.text(rate)));
      for (int components : plan.components()) {
        for (String family : plan.families()) {
          row.add(accuracy(of(data, family, components, results), rate).percent());
        }
      }
      rows.add(row);
    }
    var largest = new ArrayList<String>(List.of("largest that trains"));
    for (int components : plan.components()) {
      for (String family : plan.families()) {
        largest.add(shown(largest(of(data, family, components, results))));
      }
    }
    rows.add(largest);
    report.table(header, rows);
  }
}
