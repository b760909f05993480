package io.measureflow.experiments.sampling;

import static io.measureflow.experiments.runner.Recipe.BATCH;
import static io.measureflow.experiments.runner.Recipe.COMPONENTS;
import static io.measureflow.experiments.runner.Recipe.DATASET;
import static io.measureflow.experiments.runner.Recipe.EPOCHS;
import static io.measureflow.experiments.runner.Recipe.FAMILY;
import static io.measureflow.experiments.runner.Recipe.RANK;
import static io.measureflow.experiments.runner.Recipe.RATE;

import io.measureflow.api.data.Table;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.measures.GaussianMixture;
import io.measureflow.core.measures.LayerMeasure;
import io.measureflow.core.measures.NeuronSampling;
import io.measureflow.core.model.Model;
import io.measureflow.experiments.data.BenchmarkData;
import io.measureflow.experiments.data.Outputs;
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
import java.awt.Color;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Ordinary networks of M neurons drawn from a trained layer: how well they predict, and what the
 * exact variance of the layer's measure predicts about them.
 */
public final class Sampling implements Experiment {

  private static final String NEURONS = "neurons";
  private static final String DRAW = "draw";
  private static final String ACCURACY = "accuracy";
  private static final String ERROR = "output_error";
  private static final String LOW = "accuracy_low";
  private static final String HIGH = "accuracy_high";

  /** The values of column {@link #DRAW} for the layer itself and for exact values. */
  private static final String LAYER = "layer";

  private static final String EXACT = "exact";

  /** From this many neurons on, outputs are nearly normal. */
  private static final int MANY = 256;

  /** The largest loss of accuracy at which a network counts as close to the layer. */
  private static final double NEAR = 0.005;

  private static final int CHUNK = 4096;
  private static final int NORMAL_DRAWS = 16;
  private static final int PANEL_WIDTH = 520;
  private static final int PANEL_HEIGHT = 400;

  private final Plan plan;

  /**
   * The sizes of the experiment.
   *
   * @param neurons the numbers of neurons M, ascending; a larger network contains the neurons of
   *     the smaller ones
   * @param draws the number of networks drawn from each layer
   * @param layers the number of layers trained, each from its own seed
   */
  record Plan(
      List<BenchmarkData> data,
      List<String> families,
      int components,
      int rank,
      double rate,
      int epochs,
      List<Integer> neurons,
      int draws,
      int layers) {

    static Plan of(Scale scale) {
      var mnist = List.of(BenchmarkData.MNIST);
      List<String> families = List.of("isotropic", "diagonal", "factored");
      List<Integer> neurons = List.of(16, 64, 256, 1024, 4096, 16384, 65536);
      return switch (scale) {
        case QUICK ->
            new Plan(mnist, families, 64, 4, 0.5, 1, List.of(16, 64, 256, 1024, 4096), 2, 1);
        case STANDARD -> new Plan(mnist, families, 64, 4, 0.5, 5, neurons, 20, 1);
        case FULL ->
            new Plan(
                List.of(BenchmarkData.MNIST, BenchmarkData.FASHION),
                families,
                64,
                4,
                0.5,
                15,
                neurons,
                10,
                3);
      };
    }
  }

  public Sampling(Scale scale) {
    this(Plan.of(scale));
  }

  Sampling(Plan plan) {
    this.plan = plan;
  }

  @Override
  public String name() {
    return "sampling";
  }

  @Override
  public String title() {
    return "Sampling: ordinary networks of neurons drawn from a trained layer";
  }

  @Override
  public List<String> settings() {
    return List.of(DATASET, FAMILY, COMPONENTS, RANK, RATE, EPOCHS, BATCH, "draws", "most");
  }

  @Override
  public List<String> measurements() {
    return List.of(NEURONS, DRAW, ACCURACY, ERROR, LOW, HIGH);
  }

  @Override
  public List<String> datasets() {
    return plan.data().stream().map(BenchmarkData::name).toList();
  }

  @Override
  public List<Run> plan(Results done) {
    var runs = new ArrayList<Run>();
    for (int seed = 1; seed <= plan.layers(); seed++) {
      for (BenchmarkData data : plan.data()) {
        for (String family : plan.families()) {
          runs.add(
              Run.of(
                  seed,
                  DATASET,
                  data.name(),
                  FAMILY,
                  family,
                  COMPONENTS,
                  plan.components(),
                  RANK,
                  Recipe.rank(family, plan.rank()),
                  RATE,
                  plan.rate(),
                  EPOCHS,
                  plan.epochs(),
                  BATCH,
                  128,
                  "draws",
                  plan.draws(),
                  "most",
                  plan.neurons().getLast()));
        }
      }
    }
    return runs;
  }

  @Override
  public List<Measured> perform(Run run, Laboratory laboratory) {
    Model model =
        laboratory
            .train(run)
            .model()
            .orElseThrow(
                () -> new RunFailedException("Run " + run.key() + ": the layer did not train."));
    Table rows = Laboratory.test(laboratory.dataset(run));
    int[] labels = Outputs.labels(rows);
    double[] outputs = Outputs.of(laboratory.backend(), model, rows);
    var measured = new ArrayList<Measured>();
    measured.add(new Measured().put(DRAW, LAYER).put(ACCURACY, Outputs.accuracy(outputs, labels)));

    var exact = SamplingError.of(laboratory.backend(), model, rows, outputs, labels);
    var random = new SplittableRandom(run.seed());
    for (int neurons : plan.neurons()) {
      SamplingError.Accuracy accuracy = exact.accuracy(neurons, NORMAL_DRAWS, random);
      measured.add(
          new Measured()
              .put(NEURONS, neurons)
              .put(DRAW, EXACT)
              .put(ACCURACY, accuracy.expected())
              .put(ERROR, exact.rootMeanSquare(neurons))
              .put(LOW, accuracy.low())
              .put(HIGH, accuracy.high()));
    }

    var layer = (MixtureLayer) model.spec().layers().getFirst();
    var sampling = new NeuronSampling(layer.outputs(), layer.bias(), layer.activation());
    GaussianMixture measure = LayerMeasure.of(model, 0);
    for (int draw = 1; draw <= plan.draws(); draw++) {
      var neurons = new SplittableRandom(1000 * run.seed() + draw);
      double[] sum = new double[outputs.length];
      int count = 0;
      for (int target : plan.neurons()) {
        while (count < target) {
          int chunk = Math.min(CHUNK, target - count);
          Model part = sampling.diracLayer(measure, chunk, neurons);
          double[] own = Outputs.of(laboratory.backend(), part, rows);
          for (int i = 0; i < sum.length; i++) {
            sum[i] += chunk * own[i];
          }
          count += chunk;
        }
        double[] mean = sum.clone();
        for (int i = 0; i < mean.length; i++) {
          mean[i] /= count;
        }
        measured.add(
            new Measured()
                .put(NEURONS, target)
                .put(DRAW, draw)
                .put(ACCURACY, Outputs.accuracy(mean, labels))
                .put(ERROR, Outputs.rootMeanSquare(mean, outputs)));
      }
    }
    return measured;
  }

  @Override
  public String brief(List<Measured> result) {
    return "accuracy "
        + result.getFirst().cells().get(ACCURACY)
        + ", of the largest network "
        + result.getLast().cells().get(ACCURACY);
  }

  /** The rows of the drawn networks. */
  private static Results drawn(Results results) {
    return new Results(
        results.rows().stream()
            .filter(row -> !List.of(LAYER, EXACT).contains(row.text(DRAW)))
            .toList());
  }

  private static Results of(BenchmarkData data, String family, Results results) {
    return results.where(DATASET, data.name()).where(FAMILY, family);
  }

  private static double layer(Results results) {
    return results.where(DRAW, LAYER).sample(ACCURACY).mean();
  }

  @Override
  public void report(Results results, Report report) {
    for (BenchmarkData data : plan.data()) {
      report.paragraph(verdict(data, results));
    }
    report.paragraph(
        String.format(
            Locale.ROOT,
            "A layer of K = %d components (relu, bias; `factored` of rank %d) is trained for %s"
                + " at h = %s. From its measure %d networks of M neurons are drawn, each"
                + " with outputs (1/M) sum a_m relu(w_m.x). The error of outputs is the root of the"
                + " mean squared difference from the layer's outputs over test rows and classes."
                + " Exact values come from the covariance C(x) of a relu(w.x) under the measure,"
                + " which has a closed form: the error is sqrt(mean C_ii / M); the expected"
                + " accuracy is that of outputs N(f(x), C(x)/M), by the central limit theorem; the"
                + " band reaches from the share of rows that are right by more than one standard"
                + " deviation of their margin to the share that is not wrong by more.",
            plan.components(),
            plan.rank(),
            Report.count(plan.epochs(), "epoch"),
            Run.text(plan.rate()),
            plan.draws()));
    for (BenchmarkData data : plan.data()) {
      report.heading(data.title());
      var plots = new ArrayList<LinePlot>();
      for (int i = 0; i < plan.families().size(); i++) {
        plots.add(accuracies(data, plan.families().get(i), LinePlot.COLORS.get(i), results));
      }
      report.figure(
          name() + "-" + data.name(),
          Figure.png(plots, plots.size()),
          "Accuracy of networks of M neurons drawn from a trained layer: each draw, the accuracy"
              + " expected from the exact covariance, the band of one standard deviation of the"
              + " margins, and the layer itself.");
      report.figure(
          name() + "-" + data.name() + "-error",
          Figure.png(List.of(errors(data, results)), 1),
          "Error of the outputs, measured over the draws and exact.");
      table(data, results, report);
    }
  }

  /** The root mean square of the output errors over the draws. */
  private static double measuredError(Results drawn) {
    return Math.sqrt(
        Arrays.stream(drawn.numbers(ERROR)).map(e -> e * e).average().orElse(Double.NaN));
  }

  /** The measured over the exact error, with its standard error over the draws. */
  private static Sample errorRatio(Results at) {
    double exact = at.where(DRAW, EXACT).sample(ERROR).mean();
    Results drawn = drawn(at);
    Sample squares =
        Sample.of(Arrays.stream(drawn.numbers(ERROR)).map(e -> e * e / exact / exact).toArray());
    double ratio = measuredError(drawn) / exact;
    // d sqrt(q) = dq / (2 sqrt(q)).
    return new Sample(drawn.rows().size(), ratio, squares.error() / (2 * ratio));
  }

  private String verdict(BenchmarkData data, Results results) {
    double least = Double.POSITIVE_INFINITY;
    double most = 0;
    double error = 0;
    double few = 0;
    double many = 0;
    var needed = new ArrayList<String>();
    for (String family : plan.families()) {
      Results own = of(data, family, results);
      double layer = layer(own);
      String enough = "more than " + plan.neurons().getLast();
      for (int neurons : plan.neurons().reversed()) {
        Results at = own.where(NEURONS, neurons);
        Sample ratio = errorRatio(at);
        least = Math.min(least, ratio.mean());
        most = Math.max(most, ratio.mean());
        error = Math.max(error, ratio.deviation());
        double accuracy = drawn(at).sample(ACCURACY).mean();
        double away = Math.abs(accuracy - at.where(DRAW, EXACT).sample(ACCURACY).mean());
        few = Math.max(few, away);
        many = neurons >= MANY ? Math.max(many, away) : many;
        if (accuracy >= layer - NEAR) {
          enough = String.valueOf(neurons);
        }
      }
      needed.add(String.format(Locale.ROOT, "%s %s (layer: %.2f %%)", family, enough, 100 * layer));
    }
    return String.format(
        Locale.ROOT,
        "On %s the outputs of drawn networks differ from those of the layer by what the exact"
            + " variance says: over all M and families the measured error is %.2f to %.2f times the"
            + " exact one, where %d draws leave a standard error of up to %.2f. Mean accuracies"
            + " differ from those expected by at most %.2f points, and from %d neurons on, where"
            + " the central limit theorem holds better, by at most %.2f. The number of neurons from"
            + " which on a drawn network is on average within half a point of the layer is: %s.",
        data.title(),
        least,
        most,
        plan.draws(),
        error,
        100 * few,
        MANY,
        100 * many,
        String.join("; ", needed));
  }

  private LinePlot accuracies(BenchmarkData data, String family, Color color, Results results) {
    Results own = of(data, family, results);
    Results exact = own.where(DRAW, EXACT);
    double[] neurons = plan.neurons().stream().mapToDouble(Integer::doubleValue).toArray();
    var plot =
        new LinePlot(PANEL_WIDTH, PANEL_HEIGHT, family, "neurons M", "test accuracy in per cent")
            .logarithmicX()
            .yTo(100)
            .legend(LinePlot.Legend.SOUTH_EAST);
    plot.band("one deviation", neurons, percent(exact, LOW), percent(exact, HIGH), color);
    double layer = 100 * layer(own);
    double[] level = new double[neurons.length];
    Arrays.fill(level, layer);
    plot.dashed("layer", neurons, level, LinePlot.COLORS.getLast());
    plot.line("expected", neurons, percent(exact, ACCURACY), color);
    Results drawn = drawn(own);
    plot.points(
        "drawn",
        drawn.numbers(NEURONS),
        percentOf(drawn.numbers(ACCURACY)),
        LinePlot.COLORS.getLast());
    return plot;
  }

  /** The means of a column for each number of neurons, in per cent. */
  private double[] percent(Results results, String column) {
    return results.by(NEURONS).values().stream()
        .mapToDouble(part -> 100 * part.sample(column).mean())
        .toArray();
  }

  private static double[] percentOf(double[] fractions) {
    double[] percent = fractions.clone();
    for (int i = 0; i < percent.length; i++) {
      percent[i] *= 100;
    }
    return percent;
  }

  private LinePlot errors(BenchmarkData data, Results results) {
    var plot =
        new LinePlot(
                PANEL_WIDTH + 100,
                PANEL_HEIGHT,
                data.title() + ": error of outputs",
                "neurons M",
                "root mean square")
            .logarithmicX()
            .logarithmicY()
            .legend(LinePlot.Legend.SOUTH_WEST);
    for (int i = 0; i < plan.families().size(); i++) {
      String family = plan.families().get(i);
      Results own = of(data, family, results);
      double[] neurons = plan.neurons().stream().mapToDouble(Integer::doubleValue).toArray();
      plot.dashed(
          family + ", exact",
          neurons,
          own.where(DRAW, EXACT).by(NEURONS).values().stream()
              .mapToDouble(part -> part.sample(ERROR).mean())
              .toArray(),
          LinePlot.COLORS.get(i));
      Results drawn = drawn(own);
      plot.points(
          family + ", drawn", drawn.numbers(NEURONS), drawn.numbers(ERROR), LinePlot.COLORS.get(i));
    }
    return plot;
  }

  private void table(BenchmarkData data, Results results, Report report) {
    var header = new ArrayList<String>(List.of("M"));
    for (String family : plan.families()) {
      header.addAll(List.of(family + ": accuracy", "expected", "error of outputs", "exact"));
    }
    var rows = new ArrayList<List<String>>();
    for (int neurons : plan.neurons()) {
      var row = new ArrayList<String>(List.of(String.valueOf(neurons)));
      for (String family : plan.families()) {
        Results at = of(data, family, results).where(NEURONS, neurons);
        Results exact = at.where(DRAW, EXACT);
        row.add(drawn(at).sample(ACCURACY).percent());
        row.add(new Sample(1, exact.sample(ACCURACY).mean(), 0).percent());
        row.add(String.format(Locale.ROOT, "%.3f", measuredError(drawn(at))));
        row.add(new Sample(1, exact.sample(ERROR).mean(), 0).scaled(1, 3));
      }
      rows.add(row);
    }
    var row = new ArrayList<String>(List.of("the layer"));
    for (String family : plan.families()) {
      row.addAll(List.of(new Sample(1, layer(of(data, family, results)), 0).percent(), "", "", ""));
    }
    rows.add(row);
    report.table(header, rows);
  }
}
