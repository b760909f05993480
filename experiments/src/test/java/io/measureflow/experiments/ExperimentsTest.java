package io.measureflow.experiments;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.program.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The experiments one by one, on small data. */
class ExperimentsTest {

  private static final List<BenchmarkData> CLOUDS = List.of(Clouds.DATA);

  /** Does all runs of an experiment. */
  private static Results perform(Experiment experiment) {
    var rows = new ArrayList<Results.Row>();
    try (Laboratory laboratory = Clouds.laboratory()) {
      for (int before = -1; before < rows.size(); ) {
        before = rows.size();
        var done = new HashSet<>(new Results(rows).keys(experiment.settings()));
        for (Run run : experiment.plan(new Results(rows))) {
          if (done.add(run.key())) {
            for (Measured measured : experiment.perform(run, laboratory)) {
              var cells = new LinkedHashMap<>(run.settings());
              cells.put(Run.SEED, String.valueOf(run.seed()));
              cells.putAll(measured.cells());
              rows.add(new Results.Row(cells));
            }
          }
        }
      }
    }
    return new Results(rows);
  }

  private static String report(Experiment experiment, Results results) {
    var report = new Report(experiment.title());
    experiment.report(results, report);
    ReportFilesTest.assertSelfContained(ReportFiles.html(report));
    return ReportFiles.markdown(report);
  }

  @Test
  void everyExperimentTellsItsRunsApart() {
    var empty = new Results(List.of());
    for (Scale scale : Scale.values()) {
      for (Experiment experiment :
          List.of(
              new Parity(scale),
              new Stability(scale),
              new Sampling(scale),
              new Dynamics(scale),
              new Spread(scale),
              new Depth(scale),
              new Cifar(scale),
              new Toy(scale))) {
        var keys = new HashSet<String>();
        for (Run run : experiment.plan(empty)) {
          assertTrue(keys.add(run.key()), run.key());
          assertTrue(experiment.settings().containsAll(run.settings().keySet()), run.key());
          // In the order of the columns, in which a row of the file is read.
          assertEquals(
              experiment.settings().stream().filter(run::has).toList(),
              List.copyOf(run.settings().keySet()));
        }
        assertTrue(!keys.isEmpty(), experiment.name());
      }
    }
    assertEquals(8, Experiments.descriptions().size());
  }

  @Test
  void anUnknownExperimentIsRefused(@TempDir Path folder) {
    var request =
        new Experiments.Request(
            "party", Scale.QUICK, folder, folder.resolve("out"), Optional.empty(), "");
    String message =
        assertThrows(
                InvalidRequestException.class, () -> Experiments.run(request, Clouds.means("abc")))
            .getMessage();
    assertTrue(message.contains("parity, stability, sampling, dynamics"), message);
    assertTrue(message.contains("'party'"), message);
  }

  @Test
  void theLargestStepIsTheLastThatTrainsFromEverySeed() {
    var stability =
        new Stability(
            new Stability.Plan(
                CLOUDS, List.of("dirac"), List.of(4), 0, List.of(0.1, 0.5, 2.0), 1, 2));
    var rows = new ArrayList<Results.Row>();
    double[][] accuracies = {{0.90, 0.92}, {0.93, 0.91}, {0.93, Double.NaN}};
    for (Run run : stability.plan(new Results(List.of()))) {
      int rate = List.of("0.1", "0.5", "2").indexOf(run.setting("learning-rate"));
      var cells = new LinkedHashMap<>(run.settings());
      cells.put(Run.SEED, String.valueOf(run.seed()));
      cells.putAll(
          new Measured().put("test_accuracy", accuracies[rate][(int) run.seed() - 1]).cells());
      rows.add(new Results.Row(cells));
    }
    String text = report(stability, new Results(rows));
    assertTrue(
        text.contains("On Clouds with K = 4 the largest steps that train are: dirac 0.5."), text);
    assertTrue(text.contains("| 2 | 46.50 ± 65.76 |"), text);
    assertTrue(text.contains("At h = 0.5 the accuracies are: dirac 92.00 ± 1.41."), text);
  }

  @Test
  void aStepThatIsTooLargeIsToldAndDoesNotEndTheExperiment() {
    var stability =
        new Stability(
            new Stability.Plan(CLOUDS, List.of("dirac"), List.of(4), 0, List.of(0.5, 1e30), 2, 1));
    Results results = perform(stability);
    assertEquals(2, results.rows().size());
    assertTrue(results.where("learning-rate", 0.5).sample("test_accuracy").mean() > 0.4);
    assertTrue(Double.isNaN(results.where("learning-rate", 1e30).sample("test_accuracy").mean()));
  }

  @Test
  void aFrozenSpreadStaysAndEntropyWidensIt() {
    var spread =
        new Spread(
            new Spread.Plan(
                CLOUDS, List.of("isotropic", "diagonal"), 8, List.of(0.1, 2.0), 0.01, 0.2, 3, 1));
    Results results = perform(spread);
    for (String family : List.of("isotropic", "diagonal")) {
      for (double initial : new double[] {0.1, 2.0}) {
        Results own = results.where("family", family).where("spread", initial);
        double frozen = own.where("train", "means").sample("final_spread").mean();
        assertEquals(initial, frozen, 1e-5 * initial);
        Results trained = own.where("train", "means,spread");
        double alone = trained.where("entropy", 0.0).sample("final_spread").mean();
        assertNotEquals(initial, alone);
        assertTrue(trained.where("entropy", 0.01).sample("final_spread").mean() > alone);
      }
    }
    String text = report(spread, results);
    assertTrue(text.contains("On Clouds, isotropic components. trained: best"), text);
  }

  @Test
  void stacksHaveTheirDepth() {
    var depth =
        new Depth(
            new Depth.Plan(
                CLOUDS,
                List.of("dirac", "diagonal"),
                List.of(1, 3),
                6,
                4,
                new Contest.Tuning(List.of(0.02), 1),
                4,
                2));
    Results results = perform(depth);
    assertEquals(
        List.of(
            "dense:6:activation=relu,dense:3",
            "gm:dirac:6x3",
            "gm:diagonal:6x3",
            "dense:6:activation=relu,dense:4,dense:6:activation=relu,dense:4,"
                + "dense:6:activation=relu,dense:3",
            "gm:dirac:6x4,gm:dirac:6x4,gm:dirac:6x3",
            "gm:diagonal:6x4,gm:diagonal:6x4,gm:diagonal:6x3"),
        results.distinct("layers"));
    double dense =
        100
            * results
                .where("purpose", "compare")
                .where("layers", "dense:6:activation=relu,dense:3")
                .where("epoch", 4)
                .sample("test_accuracy")
                .mean();
    String text = report(depth, results);
    assertTrue(
        text.contains(String.format("at depth 1 the dense stack reaches %.2f %%", dense)), text);
  }

  @Test
  void drawnNetworksComeNearerToTheirLayer() {
    var sampling =
        new Sampling(
            new Sampling.Plan(
                CLOUDS, List.of("factored"), 6, 2, 0.5, 6, List.of(16, 256, 16384), 8, 1));
    Results results = perform(sampling);
    double before = Double.POSITIVE_INFINITY;
    for (int neurons : new int[] {16, 256, 16384}) {
      Results at = results.where("neurons", neurons);
      double exact = at.where("draw", "exact").sample("output_error").mean();
      double squares = 0;
      for (int draw = 1; draw <= 8; draw++) {
        double error = at.where("draw", draw).sample("output_error").mean();
        squares += error * error / 8;
      }
      assertEquals(1, Math.sqrt(squares) / exact, 0.5);
      assertTrue(exact < before);
      before = exact;
    }
    double layer = results.where("draw", "layer").sample("accuracy").mean();
    assertEquals(layer, results.where("neurons", 16384).sample("accuracy").mean(), 0.02);
    assertTrue(report(sampling, results).contains("factored: accuracy"));
  }

  @Test
  void aToyLearnsItsTasksAndIsAnAnimation() {
    var toy = new Toy(new Toy.Plan(12, 0.3, Toy.Plan.frames(1500, 6)));
    Results results = perform(toy);
    assertTrue(results.where("task", "moons").rows().getLast().number("accuracy") > 0.97);
    assertTrue(results.where("task", "spirals").rows().getLast().number("accuracy") > 0.85);
    var report = new Report("Toy");
    toy.report(results, report);
    var figure = (Report.Block.Figure) report.blocks().getLast();
    assertEquals("toy-flow.gif", figure.file());
    assertArrayEquals(new byte[] {'G', 'I', 'F', '8', '9', 'a'}, Arrays.copyOf(figure.bytes(), 6));
  }

  /** Images of noise. */
  private record Noise(Rows train, Rows rows) implements Dataset {

    @Override
    public String name() {
      return "noise";
    }

    @Override
    public Schema schema() {
      return new Schema(
          List.of(),
          2 * 12 * 12,
          new Schema.Target.Classes(List.of("0", "1")),
          Optional.of(new Schema.ImageShape(2, 12, 12)));
    }

    @Override
    public Optional<Table> test() {
      return Optional.of(rows);
    }

    @Override
    public String fingerprint() {
      return "noise";
    }

    @Override
    public void close() {}
  }

  /** Rows of noise; the last is the first again. */
  private record Rows(int rows, long seed) implements Table {

    private double pixel(int row, int at) {
      long own = row == rows - 1 ? 0 : row;
      return new SplittableRandom(seed + 1000 * own + at).nextDouble();
    }

    @Override
    public void features(int[] order, int from, Tensor batch) {
      int width = batch.shape().dimension(1);
      for (int i = 0; i < batch.shape().dimension(0); i++) {
        for (int j = 0; j < width; j++) {
          batch.set((long) i * width + j, pixel(order[from + i], j));
        }
      }
    }

    @Override
    public void targets(int[] order, int from, Tensor batch) {
      for (int i = 0; i < batch.shape().dimension(0); i++) {
        batch.set(i, order[from + i] % 2);
      }
    }
  }

  @Test
  void featuresOfPatchesAreStandardisedByTheTrainingRows() {
    var patches = new RandomPatches(new Noise(new Rows(50, 1), new Rows(20, 9)), 8, 3);
    int width = patches.schema().featureCount();
    assertEquals(4 * 8, width);
    float[] features = new float[50 * width];
    int[] order = new int[50];
    for (int i = 0; i < 50; i++) {
      order[i] = i;
    }
    patches.train().features(order, 0, Tensor.of(Shape.of(50, width), features));
    for (int j = 0; j < width; j++) {
      double mean = 0;
      double square = 0;
      for (int row = 0; row < 50; row++) {
        mean += features[row * width + j] / 50.0;
        square += features[row * width + j] * features[row * width + j] / 50.0;
      }
      assertEquals(0, mean, 1e-5, "column " + j);
      // A filter that answers nowhere has no variance.
      assertTrue(Math.abs(square - 1.0 / width) <= 1e-4 / width || square == 0, "column " + j);
    }
    for (int j = 0; j < width; j++) {
      assertEquals(features[j], features[49 * width + j]);
    }
    float[] again = new float[width];
    new RandomPatches(new Noise(new Rows(50, 1), new Rows(20, 9)), 8, 3)
        .train()
        .features(new int[] {7}, 0, Tensor.of(Shape.of(1, width), again));
    for (int j = 0; j < width; j++) {
      assertEquals(features[7 * width + j], again[j]);
    }
  }
}
