package io.measureflow.experiments.comparison;

import static io.measureflow.experiments.runner.Recipe.BATCH;
import static io.measureflow.experiments.runner.Recipe.COMPONENTS;
import static io.measureflow.experiments.runner.Recipe.DATASET;
import static io.measureflow.experiments.runner.Recipe.EPOCHS;
import static io.measureflow.experiments.runner.Recipe.FAMILY;
import static io.measureflow.experiments.runner.Recipe.RATE;

import io.measureflow.api.backend.Tensor;
import io.measureflow.core.measures.Gaussian;
import io.measureflow.core.measures.GaussianMixture;
import io.measureflow.core.measures.LayerMeasure;
import io.measureflow.core.model.Model;
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
import io.measureflow.plots.Figure;
import io.measureflow.plots.LinePlot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/**
 * What the spread of components does: where it starts, whether it is trained, and whether an
 * entropy term maintains it.
 */
public final class Spread implements Experiment {

  private static final String SPREAD = "spread";
  private static final String TRAIN = "train";
  private static final String ENTROPY = "entropy";
  private static final String ACCURACY = "test_accuracy";
  private static final String FINAL = "final_spread";

  /** The default initial {@code in_std} times the square root of the number of features. */
  private static final double DEFAULT = 0.5;

  private static final String IN_STD = "in_std";
  private static final int PANEL_WIDTH = 560;
  private static final int PANEL_HEIGHT = 400;

  private final Plan plan;

  /**
   * The sizes of the experiment.
   *
   * @param spreads the initial values of s sqrt(d)
   * @param entropy the temperature of the entropy term, where there is one
   */
  record Plan(
      List<BenchmarkData> data,
      List<String> families,
      int components,
      List<Double> spreads,
      double entropy,
      double rate,
      int epochs,
      int seeds) {

    static Plan of(Scale scale) {
      List<BenchmarkData> mnist = List.of(BenchmarkData.MNIST);
      List<String> families = List.of("isotropic", "diagonal");
      List<Double> spreads = List.of(0.01, 0.03, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0);
      return switch (scale) {
        case QUICK -> new Plan(mnist, families, 64, List.of(0.01, 0.5, 4.0), 1e-6, 0.5, 1, 1);
        case STANDARD -> new Plan(mnist, families, 64, spreads, 1e-6, 0.5, 5, 3);
        case FULL ->
            new Plan(
                List.of(BenchmarkData.MNIST, BenchmarkData.FASHION),
                families,
                64,
                spreads,
                1e-6,
                0.5,
                20,
                5);
      };
    }
  }

  /** How the spread is treated in training. */
  private record Treatment(String title, String train, double entropy) {}

  private List<Treatment> treatments() {
    return List.of(
        new Treatment("trained", "means,spread", 0),
        new Treatment("frozen", "means", 0),
        new Treatment("with entropy", "means,spread", plan.entropy()));
  }

  public Spread(Scale scale) {
    this(Plan.of(scale));
  }

  Spread(Plan plan) {
    this.plan = plan;
  }

  @Override
  public String name() {
    return "spread";
  }

  @Override
  public String title() {
    return "Spread: from which the components start, trained or frozen, with and without entropy";
  }

  @Override
  public List<String> settings() {
    return List.of(DATASET, FAMILY, COMPONENTS, RATE, EPOCHS, BATCH, SPREAD, TRAIN, ENTROPY);
  }

  @Override
  public List<String> measurements() {
    return List.of("train_loss", "test_loss", ACCURACY, FINAL);
  }

  @Override
  public List<String> datasets() {
    return plan.data().stream().map(BenchmarkData::name).toList();
  }

  private Run run(
      BenchmarkData data, String family, double spread, Treatment treatment, long seed) {
    return Run.of(
        seed,
        DATASET,
        data.name(),
        FAMILY,
        family,
        COMPONENTS,
        plan.components(),
        RATE,
        plan.rate(),
        EPOCHS,
        plan.epochs(),
        BATCH,
        128,
        SPREAD,
        spread,
        TRAIN,
        treatment.train(),
        ENTROPY,
        treatment.entropy());
  }

  @Override
  public List<Run> plan(Results done) {
    var runs = new ArrayList<Run>();
    for (int seed = 1; seed <= plan.seeds(); seed++) {
      for (BenchmarkData data : plan.data()) {
        for (String family : plan.families()) {
          for (Treatment treatment : treatments()) {
            for (double spread : plan.spreads()) {
              runs.add(run(data, family, spread, treatment, seed));
            }
          }
        }
      }
    }
    return runs;
  }

  @Override
  public List<Measured> perform(Run run, Laboratory laboratory) {
    Laboratory.Trained trained =
        laboratory.train(
            run, laboratory.dataset(run), start -> scaled(start, run.number(SPREAD) / DEFAULT));
    var measured = new Measured();
    if (trained.model().isPresent()) {
      EpochReport last = trained.epochs().getLast();
      Metrics test = last.test().orElseThrow();
      measured
          .put("train_loss", last.train().loss())
          .put("test_loss", test.loss())
          .put(ACCURACY, test.accuracy())
          .put(FINAL, spread(trained.model().get()));
    }
    return List.of(measured);
  }

  private static SequencedMap<String, Tensor> scaled(
      SequencedMap<String, Tensor> parameters, double factor) {
    var changed = new LinkedHashMap<>(parameters);
    String name = Model.parameterName(0, IN_STD);
    Tensor std = parameters.get(name);
    if (std == null) {
      throw new IllegalStateException("A family without " + IN_STD);
    }
    double[] values = std.toDoubles();
    for (int i = 0; i < values.length; i++) {
      values[i] *= factor;
    }
    changed.put(name, Tensor.of(std.shape(), values).to(std.type()));
    return changed;
  }

  /** Returns s sqrt(d), where s^2 is the mean variance of a coordinate of w. */
  private static double spread(Model model) {
    int outputs = model.spec().outputs();
    GaussianMixture measure = LayerMeasure.of(model, 0);
    double mean = 0;
    for (Gaussian component : measure.components()) {
      int width = component.dimension() - outputs;
      mean +=
          component.marginal(outputs, component.dimension()).trace()
              / width
              / measure.components().size();
    }
    return Math.sqrt(mean * model.spec().inputs());
  }

  @Override
  public String brief(List<Measured> result) {
    String accuracy = result.getLast().cells().getOrDefault(ACCURACY, "");
    return accuracy.isEmpty()
        ? "diverged"
        : "accuracy " + accuracy + ", spread " + result.getLast().cells().get(FINAL);
  }

  private Sample sample(
      BenchmarkData data,
      String family,
      double spread,
      Treatment treatment,
      String column,
      Results results) {
    var runs = new ArrayList<Run>();
    for (int seed = 1; seed <= plan.seeds(); seed++) {
      runs.add(run(data, family, spread, treatment, seed));
    }
    return results.of(runs, settings()).sample(column);
  }

  @Override
  public void report(Results results, Report report) {
    for (BenchmarkData data : plan.data()) {
      for (String family : plan.families()) {
        report.paragraph(verdict(data, family, results));
      }
    }
    report.paragraph(
        String.format(
            Locale.ROOT,
            "A layer of K = %d components (relu, bias), the Wasserstein gradient flow at h = %s, %s"
                + " in batches of 128, %s. Spread is s sqrt(d), with s^2 the mean"
                + " variance of a coordinate of w and d the number of features; the means of w"
                + " start with 1. Frozen: the means alone are trained. With entropy: -(tau/2) sum"
                + " pi_k log det Sigma_k is added to the objective, tau = %s. Accuracies are on the"
                + " test rows after the last epoch, in per cent, mean ± standard deviation.",
            plan.components(),
            Run.text(plan.rate()),
            Report.count(plan.epochs(), "epoch"),
            Report.count(plan.seeds(), "seed"),
            Run.text(plan.entropy())));
    for (BenchmarkData data : plan.data()) {
      report.heading(data.title());
      var plots = new ArrayList<LinePlot>();
      for (String family : plan.families()) {
        plots.add(
            plot(data, family, ACCURACY, 100, "test accuracy in per cent", results)
                .legend(LinePlot.Legend.OUTSIDE));
        plots.add(
            plot(data, family, FINAL, 1, "final spread", results)
                .logarithmicY()
                .legend(LinePlot.Legend.OUTSIDE));
      }
      report.figure(
          name() + "-" + data.name(),
          Figure.png(plots, 2),
          "Accuracy and final spread against the initial spread; means over the seeds.");
      table(data, results, report);
    }
  }

  private String verdict(BenchmarkData data, String family, Results results) {
    return treatments().stream()
        .map(
            treatment -> {
              double best = 0;
              double at = 0;
              double least = 1;
              double leastAt = 0;
              for (double spread : plan.spreads()) {
                double accuracy = sample(data, family, spread, treatment, ACCURACY, results).mean();
                if (accuracy > best) {
                  best = accuracy;
                  at = spread;
                }
                if (accuracy < least) {
                  least = accuracy;
                  leastAt = spread;
                }
              }
              return String.format(
                  Locale.ROOT,
                  "%s: best %.2f %% from a spread of %s (which ends at %.3g), worst %.2f %% from"
                      + " %s",
                  treatment.title(),
                  100 * best,
                  Run.text(at),
                  sample(data, family, at, treatment, FINAL, results).mean(),
                  100 * least,
                  Run.text(leastAt));
            })
        .collect(
            Collectors.joining(
                "; ",
                (plan.seeds() == 1 ? "From one seed alone: on " : "On ")
                    + data.title()
                    + ", "
                    + family
                    + " components. ",
                "."));
  }

  private LinePlot plot(
      BenchmarkData data,
      String family,
      String column,
      double scale,
      String quantity,
      Results results) {
    var plot =
        new LinePlot(PANEL_WIDTH, PANEL_HEIGHT, family, "initial spread", quantity).logarithmicX();
    double[] spreads = plan.spreads().stream().mapToDouble(Double::doubleValue).toArray();
    for (int i = 0; i < treatments().size(); i++) {
      Treatment treatment = treatments().get(i);
      plot.line(
          treatment.title(),
          spreads,
          plan.spreads().stream()
              .mapToDouble(
                  spread -> scale * sample(data, family, spread, treatment, column, results).mean())
              .toArray(),
          LinePlot.COLORS.get(i));
    }
    return plot;
  }

  private void table(BenchmarkData data, Results results, Report report) {
    for (String family : plan.families()) {
      var header = new ArrayList<String>(List.of(family + ", initial spread"));
      for (Treatment treatment : treatments()) {
        header.add(treatment.title() + ": accuracy");
        header.add("final spread");
      }
      var rows = new ArrayList<List<String>>();
      for (double spread : plan.spreads()) {
        var row = new ArrayList<String>(List.of(Run.text(spread)));
        for (Treatment treatment : treatments()) {
          row.add(sample(data, family, spread, treatment, ACCURACY, results).percent());
          row.add(sample(data, family, spread, treatment, FINAL, results).scaled(1, 3));
        }
        rows.add(row);
      }
      report.table(header, rows);
    }
  }
}
