package io.measureflow.experiments.comparison;

import io.measureflow.TrainedModel;
import io.measureflow.Training;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.error.DivergedException;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.core.metrics.ClassificationMetrics;
import io.measureflow.core.metrics.Evaluation;
import io.measureflow.core.metrics.RegressionMetrics;
import io.measureflow.core.training.EpochReport;
import io.measureflow.core.training.TrainingListener;
import io.measureflow.core.training.TrainingState;
import io.measureflow.experiments.report.Report;
import io.measureflow.experiments.request.Scale;
import io.measureflow.experiments.results.Measured;
import io.measureflow.experiments.results.Results;
import io.measureflow.experiments.results.ResultsFile;
import io.measureflow.experiments.results.Run;
import io.measureflow.experiments.results.Sample;
import io.measureflow.experiments.runner.Experiment;
import io.measureflow.experiments.runner.Laboratory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Plain {@code train} on ordinary tables, against scikit-learn's defaults on the same rows. The
 * tables and the scores of scikit-learn come from {@code src/main/python/tables.py}.
 */
public final class Tables implements Experiment {

  private static final String FOLDER = "tables";
  private static final String TABLE = "table";
  private static final String METHOD = "method";
  private static final String SCORE = "score";
  private static final String SECONDS = "seconds_of_method";
  private static final String EPOCHS = "epochs";
  private static final List<String> PROPERTIES = List.of("kind", "rows", "features", "classes");
  private static final String SOURCE =
      "Write tables and scores with 'python3 experiments/src/main/python/tables.py data'.";

  private static final String OURS = "measureflow";

  /** The peer that works most alike. */
  private static final String NETWORK = "mlp";

  private static final List<String> PEERS = List.of(NETWORK, "svm", "boosting", "forest");

  /** The columns of the file with the scores of scikit-learn. */
  private static final List<String> PEER_COLUMNS =
      List.of(TABLE, Run.SEED, "kind", "rows", "features", "classes", METHOD, SCORE, "seconds");

  private final Plan plan;

  /**
   * The sizes of the experiment.
   *
   * @param tables the names of the tables
   * @param seeds the number of splits of each, which are also the seeds of training
   */
  record Plan(List<String> tables, int seeds) {

    private static final List<String> ALL =
        List.of(
            "iris",
            "wine",
            "cancer",
            "digits",
            "moons",
            "circles",
            "class20",
            "class50",
            "diabetes",
            "friedman1",
            "friedman2",
            "friedman3",
            "linear",
            "noisy60",
            "noisy150",
            "tiny60",
            "skewed",
            "offsets",
            "steps",
            "noisyclass",
            "imbalanced",
            "class100",
            "wide",
            "categories",
            "passengers",
            "gaps",
            "rows100k");

    static Plan of(Scale scale) {
      return switch (scale) {
        case QUICK -> new Plan(List.of("iris", "wine", "diabetes"), 1);
        case STANDARD -> new Plan(ALL, 5);
        case FULL -> new Plan(ALL, 20);
      };
    }
  }

  public Tables(Scale scale) {
    this(Plan.of(scale));
  }

  Tables(Plan plan) {
    this.plan = plan;
  }

  @Override
  public String name() {
    return "tables";
  }

  @Override
  public String title() {
    return "Tables: plain train against scikit-learn's defaults";
  }

  @Override
  public List<String> settings() {
    return List.of(TABLE);
  }

  @Override
  public List<String> measurements() {
    var columns = new ArrayList<>(PROPERTIES);
    columns.addAll(List.of(METHOD, SCORE, SECONDS, EPOCHS));
    return columns;
  }

  @Override
  public List<String> datasets() {
    return List.of(FOLDER);
  }

  @Override
  public String source(String dataset) {
    return SOURCE;
  }

  @Override
  public List<Run> plan(Results done) {
    return plan.tables().stream()
        .flatMap(
            table -> IntStream.range(0, plan.seeds()).mapToObj(seed -> Run.of(seed, TABLE, table)))
        .toList();
  }

  @Override
  public List<Measured> perform(Run run, Laboratory laboratory) {
    Path folder = laboratory.folder(FOLDER);
    List<Results.Row> peers = peers(folder.resolve("peers.csv"), run);
    var rows = new ArrayList<Measured>();
    rows.add(ours(run, folder, laboratory));
    for (Results.Row peer : peers) {
      rows.add(
          new Measured()
              .put(METHOD, peer.text(METHOD))
              .put(SCORE, peer.number(SCORE))
              .put(SECONDS, peer.number("seconds")));
    }
    for (Measured row : rows) {
      PROPERTIES.forEach(name -> row.put(name, peers.getFirst().text(name)));
    }
    return rows;
  }

  private static List<Results.Row> peers(Path file, Run run) {
    List<Results.Row> rows =
        ResultsFile.open(file, PEER_COLUMNS)
            .results()
            .where(TABLE, run.setting(TABLE))
            .where(Run.SEED, run.seed())
            .rows();
    if (rows.isEmpty()) {
      throw InvalidRequestException.of(
          file.toString(),
          "the scores of other methods on table " + run.setting(TABLE) + ", seed " + run.seed(),
          Files.exists(file) ? "none" : "no such file",
          SOURCE);
    }
    return rows;
  }

  private static Measured ours(Run run, Path folder, Laboratory laboratory) {
    String split = run.setting(TABLE) + "-" + run.seed();
    DatasetRequest request =
        DatasetRequest.of("csv", Optional.of(folder.resolve(split + "-train.csv")))
            .withTest(folder.resolve(split + "-test.csv"))
            .withLabels("target")
            .withPrecision(laboratory.backend().description().precision());
    var epochs = new EpochCount();
    long start = System.nanoTime();
    OptionalDouble score;
    try (Dataset dataset = laboratory.load(request)) {
      TrainedModel model =
          Training.defaults()
              .seed(run.seed() + 1)
              .backend(laboratory.backend())
              .listener(epochs)
              .train(dataset);
      score = score(model.evaluate(dataset, laboratory.backend()));
    } catch (DivergedException e) {
      score = OptionalDouble.empty();
    }
    double seconds = (System.nanoTime() - start) * 1e-9;
    return new Measured()
        .put(METHOD, OURS)
        .put(SCORE, score.orElse(Double.NaN))
        .put(SECONDS, seconds)
        .put(EPOCHS, epochs.last);
  }

  private static OptionalDouble score(Evaluation evaluation) {
    return switch (evaluation.metrics()) {
      case ClassificationMetrics classes -> OptionalDouble.of(classes.accuracy());
      case RegressionMetrics targets -> targets.r2();
    };
  }

  /** Counts the epochs that a training took. */
  private static final class EpochCount implements TrainingListener {

    private int last;

    @Override
    public void epoch(EpochReport report, TrainingState state, boolean best) {
      last = report.epoch();
    }
  }

  @Override
  public String brief(List<Measured> result) {
    String score = result.getFirst().cells().get(SCORE);
    return score == null ? "diverged" : "score " + score;
  }

  @Override
  public String command(Run run) {
    String split = " DIR/" + FOLDER + "/" + run.setting(TABLE) + "-" + run.seed();
    return "measureflow train --dataset csv --data"
        + split
        + "-train.csv --test"
        + split
        + "-test.csv --label target --seed "
        + (run.seed() + 1);
  }

  /** The scores of the methods on one table. */
  private record Compared(String table, Results rows) {

    Sample score(String method) {
      return rows.where(METHOD, method).sample(SCORE);
    }

    double seconds(String method) {
      return rows.where(METHOD, method).sample(SECONDS).mean();
    }

    boolean real() {
      return rows.rows().getFirst().text("kind").equals("real");
    }

    double bestPeer() {
      return PEERS.stream()
          .map(this::score)
          .filter(score -> score.count() > 0)
          .mapToDouble(Sample::mean)
          .max()
          .orElse(Double.NaN);
    }

    double overNetwork() {
      return score(OURS).mean() - score(NETWORK).mean();
    }

    /** By more than 1 point of accuracy, or 0.02 of R2. */
    boolean isBehind() {
      return overNetwork() < (real() ? -0.02 : -0.01);
    }

    double overBest() {
      return score(OURS).mean() - bestPeer();
    }
  }

  @Override
  public void report(Results results, Report report) {
    List<Compared> all =
        plan.tables().stream()
            .map(table -> new Compared(table, results.where(TABLE, table)))
            .toList();
    report.paragraph(verdict(all));
    report.paragraph(
        "Each table was split "
            + plan.seeds()
            + " times into 70 % of the rows to train on and 30 % to test on. MeasureFlow trained as"
            + " `measureflow train --dataset csv --data FILE --label target` does, with nothing"
            + " else named: it chooses epochs, batches, the step and the components by the rule of"
            + " `docs/defaults.md`, the same for all tables, and does not look at the test rows."
            + " The others are scikit-learn's at their defaults: `MLPClassifier` and"
            + " `MLPRegressor`, `SVC` and `SVR`, `HistGradientBoosting...`, `RandomForest...`;"
            + " numbers standardised (targets, too) and gaps filled by the mean where the method"
            + " needs it, text one-hot encoded or left to boosting as categories."
            + " `experiments/src/main/python/tables.py` writes the tables and these scores.");
    table(report, "Accuracy in per cent", 100, 1, all.stream().filter(t -> !t.real()).toList());
    table(report, "R2 of real targets", 1, 3, all.stream().filter(Compared::real).toList());
  }

  private static String verdict(List<Compared> all) {
    List<String> behind = all.stream().filter(Compared::isBehind).map(Compared::table).toList();
    double[] seconds = all.stream().mapToDouble(t -> t.seconds(OURS)).sorted().toArray();
    return String.format(
        Locale.ROOT,
        "On the mean of %d tables, the defaults of MeasureFlow score %+.1f points against"
            + " scikit-learn's network (a point is 1 %% of accuracy, or 0.01 of R2), and %+.1f"
            + " against the best of four methods, chosen for each table on its test rows. Against"
            + " the network they are ahead on %d tables and behind by more than 1 point of accuracy"
            + " or 0.02 of R2 on %d%s. The training of a table took %.1f seconds at the median and"
            + " %.1f at most.",
        all.size(),
        100 * all.stream().mapToDouble(Compared::overNetwork).average().orElse(Double.NaN),
        100 * all.stream().mapToDouble(Compared::overBest).average().orElse(Double.NaN),
        all.stream().filter(t -> t.overNetwork() > 0).count(),
        behind.size(),
        behind.isEmpty() ? "" : " (" + String.join(", ", behind) + ")",
        median(seconds),
        seconds[seconds.length - 1]);
  }

  private static double median(double[] sorted) {
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }

  private static void table(
      Report report, String title, double factor, int digits, List<Compared> tables) {
    if (tables.isEmpty()) {
      return;
    }
    report.heading(title);
    var header = new ArrayList<>(List.of("table", "rows", "features", "classes", "MeasureFlow"));
    header.addAll(List.of("MLP", "SVM", "boosting", "forest", "against the best", "seconds"));
    var rows = new ArrayList<List<String>>();
    for (Compared table : tables) {
      Results.Row first = table.rows().rows().getFirst();
      var row = new ArrayList<String>();
      row.add(table.table());
      row.add(first.text("rows"));
      row.add(first.text("features"));
      row.add(table.real() ? "–" : first.text("classes"));
      row.add(table.score(OURS).scaled(factor, digits));
      for (String peer : PEERS) {
        Sample score = table.score(peer);
        row.add(
            score.count() == 0
                ? "–"
                : String.format(Locale.ROOT, "%." + digits + "f", factor * score.mean()));
      }
      row.add(String.format(Locale.ROOT, "%+." + digits + "f", factor * table.overBest()));
      row.add(String.format(Locale.ROOT, "%.1f", table.seconds(OURS)));
      rows.add(row);
    }
    report.table(header, rows);
  }
}
