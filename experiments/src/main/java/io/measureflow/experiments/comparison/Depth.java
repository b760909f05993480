package io.measureflow.experiments.comparison;

import static io.measureflow.experiments.runner.Recipe.LAYERS;

import io.measureflow.experiments.data.BenchmarkData;
import io.measureflow.experiments.report.Report;
import io.measureflow.experiments.request.Scale;
import io.measureflow.experiments.results.Results;
import io.measureflow.experiments.results.Run;
import io.measureflow.experiments.runner.Recipe;
import io.measureflow.plots.Figure;
import io.measureflow.plots.LinePlot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Stacks of two and three mixture layers against stacks of dense layers of the same widths. */
public final class Depth extends Contest<Depth.Stack> {

  private static final String FLOW = "flow";
  private static final int PANEL_WIDTH = 520;
  private static final int PANEL_HEIGHT = 380;

  private final Plan plan;

  /**
   * The sizes of the experiment.
   *
   * @param components the number of components K of each layer
   * @param between the number of outputs of every layer but the last
   */
  record Plan(
      List<BenchmarkData> data,
      List<String> families,
      List<Integer> depths,
      int components,
      int between,
      Tuning tuning,
      int epochs,
      int seeds) {

    static Plan of(Scale scale) {
      List<BenchmarkData> fashion = List.of(BenchmarkData.FASHION);
      List<String> families = List.of("dirac", "diagonal", "factored");
      List<Double> rates = List.of(0.001, 0.003, 0.01);
      return switch (scale) {
        case QUICK ->
            new Plan(
                fashion,
                List.of("dirac", "diagonal"),
                List.of(1, 2),
                32,
                16,
                new Tuning(List.of(0.003), 1),
                1,
                1);
        case STANDARD ->
            new Plan(fashion, families, List.of(1, 2, 3), 64, 32, new Tuning(rates, 1), 5, 5);
        case FULL ->
            new Plan(
                List.of(BenchmarkData.FASHION, BenchmarkData.MNIST),
                families,
                List.of(1, 2, 3),
                128,
                64,
                new Tuning(rates, 3),
                20,
                5);
      };
    }
  }

  /** A stack of layers; its kind is {@code dense} or the family of its mixture layers. */
  record Stack(BenchmarkData data, String kind, int depth) {}

  public Depth(Scale scale) {
    this(Plan.of(scale));
  }

  Depth(Plan plan) {
    this.plan = plan;
  }

  @Override
  public String name() {
    return "depth";
  }

  @Override
  public String title() {
    return "Depth: stacks of mixture layers against stacks of dense layers";
  }

  @Override
  public List<String> datasets() {
    return plan.data().stream().map(BenchmarkData::name).toList();
  }

  private List<String> kinds() {
    var kinds = new ArrayList<String>(List.of("dense"));
    kinds.addAll(plan.families());
    return kinds;
  }

  @Override
  List<Stack> sides() {
    var stacks = new ArrayList<Stack>();
    for (BenchmarkData data : plan.data()) {
      for (int depth : plan.depths()) {
        kinds().forEach(kind -> stacks.add(new Stack(data, kind, depth)));
      }
    }
    return stacks;
  }

  /**
   * The layers of a stack as a setting: each is relu neurons followed by a dense layer without
   * activation.
   */
  private String layers(Stack stack) {
    var layers = new ArrayList<String>();
    for (int i = 1; i <= stack.depth(); i++) {
      int outputs = i == stack.depth() ? stack.data().outputs() : plan.between();
      if (stack.kind().equals("dense")) {
        layers.add("dense:" + plan.components() + ":activation=relu");
        layers.add("dense:" + outputs);
      } else {
        layers.add("gm:" + stack.kind() + ":" + plan.components() + "x" + outputs);
      }
    }
    return String.join(",", layers);
  }

  @Override
  List<String> modelSettings() {
    return List.of(LAYERS, FLOW);
  }

  @Override
  String dataset(Stack stack) {
    return stack.data().name();
  }

  @Override
  Run model(Stack stack) {
    return Run.of(0, LAYERS, layers(stack), FLOW, "adam");
  }

  @Override
  Tuning tuning(Stack stack) {
    return plan.tuning();
  }

  @Override
  int seeds(Stack stack) {
    return plan.seeds();
  }

  @Override
  int epochs() {
    return plan.epochs();
  }

  @Override
  public String command(Run run) {
    return Recipe.command(run);
  }

  @Override
  public void report(Results results, Report report) {
    for (BenchmarkData data : plan.data()) {
      report.paragraph(verdict(data, results));
    }
    report.paragraph(
        String.format(
            Locale.ROOT,
            "A stack of depth n has n layers of %d relu neurons or components, each followed by an"
                + " affine map to %d outputs, the last to the classes: a `dense` stack as ordinary"
                + " layers, the others as mixture layers of a family. All are trained by Adam for"
                + " %s in batches of 128, the step falling to 0 along half a cosine. The"
                + " step was tuned alike for each: %s, on a tenth of the training rows held out;"
                + " accuracies are on the test rows from %s, in per cent, mean ±"
                + " standard deviation.",
            plan.components(),
            plan.between(),
            Report.count(plan.epochs(), "epoch"),
            plan.tuning().shown(),
            Report.count(plan.seeds(), "other seed")));
    for (BenchmarkData data : plan.data()) {
      report.heading(data.title());
      table(data, results, report);
      var plots = new ArrayList<LinePlot>();
      for (int depth : plan.depths()) {
        var stacks = new LinkedHashMap<String, Stack>();
        kinds().forEach(kind -> stacks.put(kind, new Stack(data, kind, depth)));
        plots.add(
            curves(PANEL_WIDTH, PANEL_HEIGHT, data.title() + ", depth " + depth, stacks, results));
      }
      report.figure(
          name() + "-" + data.name(),
          Figure.png(plots, plots.size()),
          "Accuracy on the test rows along training, mean and standard deviation over the seeds.");
    }
  }

  private String verdict(BenchmarkData data, Results results) {
    String sentences =
        plan.depths().stream()
            .map(
                depth -> {
                  double dense = accuracy(data, "dense", depth, results);
                  return String.format(
                      Locale.ROOT,
                      "at depth %d the dense stack reaches %.2f %%, and %s",
                      depth,
                      dense,
                      plan.families().stream()
                          .map(
                              family ->
                                  String.format(
                                      Locale.ROOT,
                                      "%s %+.2f",
                                      family,
                                      accuracy(data, family, depth, results) - dense))
                          .collect(Collectors.joining(", ")));
                })
            .collect(Collectors.joining("; "));
    return "On " + data.title() + ", " + sentences + " points against it.";
  }

  private double accuracy(BenchmarkData data, String kind, int depth, Results results) {
    return 100 * accuracy(new Stack(data, kind, depth), results).mean();
  }

  private void table(BenchmarkData data, Results results, Report report) {
    var header = new ArrayList<String>(List.of("depth"));
    for (String kind : kinds()) {
      header.addAll(Arrays.asList(kind, "step"));
    }
    var rows = new ArrayList<List<String>>();
    for (int depth : plan.depths()) {
      var row = new ArrayList<String>(List.of(String.valueOf(depth)));
      for (String kind : kinds()) {
        var stack = new Stack(data, kind, depth);
        row.add(accuracy(stack, results).percent());
        row.add(rate(stack, results));
      }
      rows.add(row);
    }
    report.table(header, rows);
  }
}
