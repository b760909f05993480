package io.measureflow.experiments.comparison;

import static io.measureflow.experiments.runner.Recipe.COMPONENTS;
import static io.measureflow.experiments.runner.Recipe.FAMILY;
import static io.measureflow.experiments.runner.Recipe.RANK;

import io.measureflow.api.data.Dataset;
import io.measureflow.experiments.data.RandomPatches;
import io.measureflow.experiments.report.Report;
import io.measureflow.experiments.request.Scale;
import io.measureflow.experiments.results.Measured;
import io.measureflow.experiments.results.Results;
import io.measureflow.experiments.results.Run;
import io.measureflow.experiments.runner.Laboratory;
import io.measureflow.experiments.runner.Recipe;
import io.measureflow.plots.Figure;
import io.measureflow.plots.LinePlot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Mixture layers against dense layers on CIFAR-10, from pixels and from features of random patches,
 * on whichever batches of the dataset are there.
 */
public final class Cifar extends Contest<Cifar.Side> {

  private static final String DATA = "cifar10";
  private static final String FEATURES = "features";
  private static final String ROWS = "rows";
  private static final String PIXELS = "pixels";
  private static final String PATCHES = "patches";
  private static final long PATCH_SEED = 1;
  private static final int PANEL_WIDTH = 560;
  private static final int PANEL_HEIGHT = 400;

  private final Plan plan;

  /**
   * The sizes of the experiment.
   *
   * @param filters the number of random patches
   */
  record Plan(
      List<String> families,
      List<Integer> components,
      int rank,
      int filters,
      Tuning tuning,
      int epochs,
      int seeds) {

    static Plan of(Scale scale) {
      List<String> families = List.of("dirac", "isotropic", "diagonal", "factored");
      // Rows of pixels have about thirty times the norm of rows of features, hence the wide range.
      List<Double> rates = List.of(0.01, 0.04, 0.16, 0.64, 2.56, 10.0);
      return switch (scale) {
        case QUICK ->
            new Plan(families, List.of(16), 4, 50, new Tuning(List.of(0.04, 2.0), 1), 2, 1);
        case STANDARD -> new Plan(families, List.of(64), 4, 200, new Tuning(rates, 1), 10, 5);
        case FULL -> new Plan(families, List.of(64, 256), 4, 400, new Tuning(rates, 3), 30, 5);
      };
    }
  }

  /**
   * A layer on pixels or on features of patches.
   *
   * @param features {@code pixels} or {@code patches}
   */
  record Side(String features, int components, String family) {}

  public Cifar(Scale scale) {
    this(Plan.of(scale));
  }

  Cifar(Plan plan) {
    this.plan = plan;
  }

  @Override
  public String name() {
    return "cifar";
  }

  @Override
  public String title() {
    return "CIFAR-10: mixture and fully connected layers on pixels and on random patches";
  }

  @Override
  public List<String> measurements() {
    var columns = new ArrayList<>(super.measurements());
    columns.add(ROWS);
    return columns;
  }

  @Override
  public List<String> datasets() {
    return List.of(DATA);
  }

  @Override
  List<Side> sides() {
    var sides = new ArrayList<Side>();
    for (String features : List.of(PIXELS, PATCHES)) {
      for (int components : plan.components()) {
        plan.families().forEach(family -> sides.add(new Side(features, components, family)));
      }
    }
    return sides;
  }

  @Override
  List<String> modelSettings() {
    return List.of(FEATURES, FAMILY, COMPONENTS, RANK);
  }

  @Override
  String dataset(Side side) {
    return DATA;
  }

  @Override
  Run model(Side side) {
    return Run.of(
        0,
        FEATURES,
        side.features().equals(PATCHES) ? PATCHES + "-" + plan.filters() : side.features(),
        FAMILY,
        side.family(),
        COMPONENTS,
        side.components(),
        RANK,
        Recipe.rank(side.family(), plan.rank()));
  }

  @Override
  Tuning tuning(Side side) {
    return plan.tuning();
  }

  @Override
  int seeds(Side side) {
    return plan.seeds();
  }

  @Override
  int epochs() {
    return plan.epochs();
  }

  @Override
  Dataset dataset(Run run, Laboratory laboratory) {
    Dataset images = laboratory.dataset(run);
    return run.setting(FEATURES).startsWith(PATCHES)
        ? laboratory.derived(
            run.setting(FEATURES), () -> new RandomPatches(images, plan.filters(), PATCH_SEED))
        : images;
  }

  @Override
  public List<Measured> perform(Run run, Laboratory laboratory) {
    List<Measured> rows = super.perform(run, laboratory);
    rows.forEach(row -> row.put(ROWS, dataset(run, laboratory).train().rows()));
    return rows;
  }

  @Override
  public void report(Results results, Report report) {
    report.paragraph(
        List.of(PIXELS, PATCHES).stream()
            .map(features -> verdict(features, results))
            .collect(Collectors.joining(" ")));
    report.paragraph(
        String.format(
            Locale.ROOT,
            "One layer of relu neurons with bias on %s training rows of CIFAR-10 (the batches that"
                + " were there), from pixels between 0 and 1 and from the mean responses to %d"
                + " random patches of 6x6 pixels in each quarter of the image [coates2011]. %s"
                + " of the Wasserstein gradient flow, the step falling to 0 along half a"
                + " cosine, tuned alike for each: %s, on a tenth of the training rows held out;"
                + " accuracies are on the test rows from %s, in per cent, mean ±"
                + " standard deviation.",
            String.join(", ", results.distinct(ROWS)),
            plan.filters(),
            Report.count(plan.epochs(), "epoch"),
            plan.tuning().shown(),
            Report.count(plan.seeds(), "other seed")));
    var rows = new ArrayList<List<String>>();
    for (int components : plan.components()) {
      for (String family : plan.families()) {
        var row = new ArrayList<String>(List.of(family + ", K = " + components));
        for (String features : List.of(PIXELS, PATCHES)) {
          var side = new Side(features, components, family);
          row.add(accuracy(side, results).percent());
          row.add(rate(side, results));
        }
        rows.add(row);
      }
    }
    report.table(List.of("layer", PIXELS, "step", PATCHES, "step"), rows);
    var plots = new ArrayList<LinePlot>();
    for (int components : plan.components()) {
      for (String features : List.of(PIXELS, PATCHES)) {
        var sides = new LinkedHashMap<String, Side>();
        plan.families()
            .forEach(family -> sides.put(family, new Side(features, components, family)));
        plots.add(
            curves(PANEL_WIDTH, PANEL_HEIGHT, features + ", K = " + components, sides, results));
      }
    }
    report.figure(
        name() + "-curves",
        Figure.png(plots, 2),
        "Accuracy on the test rows along training, mean and standard deviation over the seeds.");
  }

  private String verdict(String features, Results results) {
    var text = new ArrayList<String>();
    for (int components : plan.components()) {
      double dirac = accuracy(new Side(features, components, "dirac"), results).mean();
      text.add(
          String.format(
              Locale.ROOT,
              "with K = %d the fully connected layer reaches %.2f %%, and %s points against it",
              components,
              100 * dirac,
              plan.families().stream()
                  .filter(family -> !family.equals("dirac"))
                  .map(
                      family ->
                          String.format(
                              Locale.ROOT,
                              "%s %+.2f",
                              family,
                              100
                                  * (accuracy(new Side(features, components, family), results)
                                          .mean()
                                      - dirac)))
                  .collect(Collectors.joining(", "))));
    }
    return "From " + features + ", " + String.join("; ", text) + ".";
  }
}
