package io.measureflow.experiments.dynamics;

import static io.measureflow.experiments.runner.Recipe.COMPONENTS;
import static io.measureflow.experiments.runner.Recipe.DATASET;
import static io.measureflow.experiments.runner.Recipe.FAMILY;
import static io.measureflow.experiments.runner.Recipe.RANK;
import static io.measureflow.experiments.runner.Recipe.RATE;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.Table;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.measures.Gaussian;
import io.measureflow.core.measures.GaussianMixture;
import io.measureflow.core.measures.LayerMeasure;
import io.measureflow.core.measures.MixtureWasserstein;
import io.measureflow.core.measures.NeuronSampling;
import io.measureflow.core.model.Model;
import io.measureflow.experiments.data.BenchmarkData;
import io.measureflow.experiments.data.FirstRows;
import io.measureflow.experiments.data.Outputs;
import io.measureflow.experiments.report.Report;
import io.measureflow.experiments.request.Scale;
import io.measureflow.experiments.results.Measured;
import io.measureflow.experiments.results.Results;
import io.measureflow.experiments.results.Run;
import io.measureflow.experiments.runner.Experiment;
import io.measureflow.experiments.runner.Laboratory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A mixture layer against dense layers whose neurons are drawn from the layer's own initial
 * measure, trained on the same batches at the same learning rate: what the two flows have in common
 * and what they do not.
 */
public final class Dynamics implements Experiment {

  static final String STEPS = "steps";
  static final String WHAT = "what";
  static final String NET = "net";
  static final String STEP = "step";
  static final String BATCH_LOSS = "batch_loss";
  static final String TRAIN_LOSS = "train_loss";
  static final String TEST_ACCURACY = "test_accuracy";
  static final String OUTPUT = "output";
  static final String FROM_MIXTURE = "from_mixture";
  static final String FROM_WIDEST = "from_widest";
  static final String DISTANCE = "distance";
  static final String MOVED = "displacement";
  static final String MEANS_MOVED = "means_moved";
  static final String TRACE_IN = "trace_in";
  static final String TRACE_OUT = "trace_out";
  static final String LOG_DETERMINANT = "log_det_in";
  static final int EIGENVALUES = 5;

  /**
   * The value of column {@link #NET} for the mixture layer; dense layers have the number of neurons
   * per component.
   */
  static final String MIXTURE = "mixture";

  /** The values of column {@link #WHAT}: a measurement, and two kinds of rows for pictures. */
  static final String MEASUREMENT = "measurement";

  static final String NEURON = "neuron";
  static final String COMPONENT = "component";

  /** Up to this many points, exact transport takes no noticeable time. */
  private static final int FEW_POINTS = 200;

  /** The number of components whose spectrum is computed, which takes a second each. */
  private static final int SPECTRA = 3;

  /** The number of neurons of each component that are kept for pictures. */
  private static final int PICTURED = 50;

  private static final int BATCH = 128;

  private final Plan plan;

  /**
   * The sizes of the experiment.
   *
   * @param layers the mixture layers
   * @param multiples the numbers of neurons drawn from each component, ascending
   * @param most the largest number of neurons of a dense layer
   * @param steps the steps at which outputs are measured, ascending from 0
   * @param costly the steps at which distances of dense Gaussians and spectra are computed
   * @param pictured the number of components of the layers that are drawn
   * @param probe the number of training and of test rows that the measurements use
   */
  record Plan(
      BenchmarkData data,
      List<Layer> layers,
      List<Integer> multiples,
      int most,
      double rate,
      List<Integer> steps,
      List<Integer> costly,
      int pictured,
      int probe) {

    static Plan of(Scale scale) {
      List<Integer> steps = List.of(0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000);
      List<Integer> longer = List.of(0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000);
      return switch (scale) {
        case QUICK ->
            new Plan(
                BenchmarkData.MNIST,
                layers(List.of(5), List.of(), 1),
                List.of(1, 10, 100),
                500,
                0.2,
                List.of(0, 1, 2, 5, 10, 20, 50, 100, 200),
                List.of(),
                5,
                1000);
        case STANDARD ->
            new Plan(
                BenchmarkData.MNIST,
                layers(List.of(1, 5, 20), List.of(1, 5), 3),
                List.of(1, 10, 100, 1000),
                5000,
                0.2,
                steps,
                List.of(0, 1000),
                5,
                2000);
        case FULL ->
            new Plan(
                BenchmarkData.MNIST,
                layers(List.of(1, 5, 20), List.of(1, 5, 20), 10),
                List.of(1, 10, 100, 1000),
                20000,
                0.2,
                longer,
                List.of(0, 100, 1000, 5000),
                5,
                5000);
      };
    }

    private static List<Layer> layers(List<Integer> usual, List<Integer> full, int seeds) {
      var layers = new ArrayList<Layer>();
      for (int components : usual) {
        layers.add(new Layer("isotropic", components, 0, seeds));
        layers.add(new Layer("factored", components, 10, seeds));
      }
      full.forEach(components -> layers.add(new Layer("full", components, 0, 1)));
      return layers;
    }

    int last() {
      return steps.getLast();
    }

    /** The numbers of neurons per component that a layer is compared at. */
    List<Integer> multiples(Layer layer) {
      return multiples.stream().filter(multiple -> multiple * layer.components() <= most).toList();
    }
  }

  /**
   * A mixture layer.
   *
   * @param rank the rank, 0 for families without a free rank
   * @param seeds the number of seeds
   */
  record Layer(String family, int components, int rank, int seeds) {

    String title() {
      return family + ", K = " + components;
    }
  }

  public Dynamics(Scale scale) {
    this(Plan.of(scale));
  }

  Dynamics(Plan plan) {
    this.plan = plan;
  }

  @Override
  public String name() {
    return "dynamics";
  }

  @Override
  public String title() {
    return "Dynamics: how the flow of a mixture differs from that of many neurons";
  }

  @Override
  public List<String> settings() {
    return List.of(DATASET, FAMILY, COMPONENTS, RANK, RATE, STEPS, "most", "probe");
  }

  @Override
  public List<String> measurements() {
    var columns =
        new ArrayList<String>(
            List.of(
                WHAT,
                NET,
                STEP,
                BATCH_LOSS,
                TRAIN_LOSS,
                TEST_ACCURACY,
                OUTPUT,
                FROM_MIXTURE,
                FROM_WIDEST,
                DISTANCE,
                MOVED,
                MEANS_MOVED,
                TRACE_IN,
                TRACE_OUT,
                LOG_DETERMINANT));
    for (int i = 1; i <= EIGENVALUES; i++) {
      columns.add(eigenvalue(i));
    }
    columns.addAll(List.of("group", "x", "y", "xx", "xy", "yy"));
    return columns;
  }

  static String eigenvalue(int index) {
    return "eigenvalue_" + index;
  }

  @Override
  public List<String> datasets() {
    return List.of(plan.data().name());
  }

  Run run(Layer layer, long seed) {
    return Run.of(
        seed,
        DATASET,
        plan.data().name(),
        FAMILY,
        layer.family(),
        COMPONENTS,
        layer.components(),
        RANK,
        layer.rank() == 0 ? "" : layer.rank(),
        RATE,
        plan.rate(),
        STEPS,
        plan.last(),
        "most",
        plan.most(),
        "probe",
        plan.probe());
  }

  @Override
  public List<Run> plan(Results done) {
    var runs = new ArrayList<Run>();
    int seeds = plan.layers().stream().mapToInt(Layer::seeds).max().orElse(0);
    for (int seed = 1; seed <= seeds; seed++) {
      for (Layer layer : plan.layers()) {
        if (seed <= layer.seeds()) {
          runs.add(run(layer, seed));
        }
      }
    }
    return runs;
  }

  /** What is kept of a model at a step. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Snapshot(Model model, double[] outputs, Measured measured) {}

  /** Measures models on fixed rows. */
  private final class Probe {

    private final Backend backend;
    private final Table train;
    private final Table test;
    private final int[] trainLabels;
    private final int[] testLabels;

    Probe(Backend backend, Dataset dataset) {
      this.backend = backend;
      train = FirstRows.of(dataset.train(), plan.probe());
      test = FirstRows.of(Laboratory.test(dataset), plan.probe());
      trainLabels = Outputs.labels(train);
      testLabels = Outputs.labels(test);
    }

    Snapshot snapshot(String net, int step, Model model, double batchLoss) {
      double[] outputs = Outputs.of(backend, model, test);
      double[] zero = new double[outputs.length];
      return new Snapshot(
          model,
          outputs,
          new Measured()
              .put(WHAT, MEASUREMENT)
              .put(NET, net)
              .put(STEP, step)
              .put(BATCH_LOSS, batchLoss)
              .put(TRAIN_LOSS, Outputs.crossEntropy(Outputs.of(backend, model, train), trainLabels))
              .put(TEST_ACCURACY, Outputs.accuracy(outputs, testLabels))
              .put(OUTPUT, Outputs.rootMeanSquare(outputs, zero)));
    }
  }

  @Override
  public List<Measured> perform(Run run, Laboratory laboratory) {
    Dataset dataset = laboratory.dataset(run);
    Backend backend = laboratory.backend();
    var probe = new Probe(backend, dataset);
    var trajectory = new Trajectory(dataset.train(), BATCH, plan.rate(), run.seed());
    ModelSpec spec = laboratory.spec(run, dataset);
    Model start = Model.of(spec, laboratory.parameters(spec, run), "start");
    GaussianMixture measure = LayerMeasure.of(start, 0);
    int components = run.integer(COMPONENTS);

    Map<Integer, Snapshot> mixture = new LinkedHashMap<>();
    trajectory.follow(
        backend,
        start,
        plan.steps(),
        (step, model, loss) -> mixture.put(step, probe.snapshot(MIXTURE, step, model, loss)));
    mixture.forEach((step, shot) -> measure(step, shot, measure));

    var layer = (MixtureLayer) spec.layers().getFirst();
    var sampling = new NeuronSampling(layer.outputs(), layer.bias(), layer.activation());
    var nets = new ArrayList<Map<Integer, Snapshot>>();
    List<Integer> multiples =
        plan.multiples().stream().filter(m -> m * components <= plan.most()).toList();
    for (int each : multiples) {
      Model drawn =
          Neurons.draw(sampling, measure, each, new SplittableRandom(1000 * run.seed() + each));
      var shots = new LinkedHashMap<Integer, Snapshot>();
      Neurons[] first = new Neurons[1];
      trajectory.follow(
          backend,
          drawn,
          plan.steps(),
          (step, model, loss) -> {
            Snapshot shot = probe.snapshot(String.valueOf(each), step, model, loss);
            Neurons neurons = Neurons.of(model, components);
            if (step == 0) {
              first[0] = neurons;
            }
            measure(step, shot, neurons, first[0], components);
            shots.put(step, shot);
          });
      nets.add(shots);
    }
    Map<Integer, Snapshot> widest = nets.getLast();
    var rows = new ArrayList<Measured>();
    compare(mixture, mixture, widest, rows);
    nets.forEach(shots -> compare(shots, mixture, widest, rows));
    if (run.seed() == 1 && components == plan.pictured()) {
      picture(mixture, widest, components, rows);
    }
    return rows;
  }

  private static void compare(
      Map<Integer, Snapshot> shots,
      Map<Integer, Snapshot> mixture,
      Map<Integer, Snapshot> widest,
      List<Measured> rows) {
    shots.forEach(
        (step, shot) ->
            rows.add(
                shot.measured()
                    .put(FROM_MIXTURE, difference(shot, mixture, step))
                    .put(FROM_WIDEST, difference(shot, widest, step))));
  }

  private static double difference(Snapshot shot, Map<Integer, Snapshot> others, int step) {
    Snapshot other = others.get(step);
    return other == null ? Double.NaN : Outputs.rootMeanSquare(shot.outputs(), other.outputs());
  }

  /** Measures the mixture layer. */
  private void measure(int step, Snapshot shot, GaussianMixture start) {
    GaussianMixture now = LayerMeasure.of(shot.model(), 0);
    int p = shot.model().spec().outputs();
    int n = now.dimension();
    int count = now.components().size();
    double traceIn = 0;
    double traceOut = 0;
    double moved = 0;
    for (int k = 0; k < count; k++) {
      Gaussian component = now.components().get(k);
      traceIn += component.marginal(p, n).trace() / count;
      traceOut += component.marginal(0, p).trace() / count;
      double[] mean = component.mean();
      double[] before = start.components().get(k).mean();
      for (int i = 0; i < n; i++) {
        moved += (mean[i] - before[i]) * (mean[i] - before[i]) / count;
      }
    }
    shot.measured()
        .put(TRACE_IN, traceIn)
        .put(TRACE_OUT, traceOut)
        .put(MEANS_MOVED, Math.sqrt(moved));
    boolean cheap = now.components().stream().allMatch(Gaussian::isDiagonal);
    if (cheap || plan.costly().contains(step)) {
      shot.measured().put(DISTANCE, MixtureWasserstein.distance(start, now));
    }
    if (plan.costly().contains(step)) {
      spectra(now.components(), p, shot.measured());
    }
  }

  /** Measures the neurons of a dense layer. */
  private void measure(int step, Snapshot shot, Neurons now, Neurons start, int components) {
    shot.measured()
        .put(MOVED, now.displacement(start))
        .put(MEANS_MOVED, meansMoved(now, start, components))
        .put(TRACE_IN, now.traceIn())
        .put(TRACE_OUT, now.traceOut());
    if (plan.costly().contains(step) && now.each() >= 10) {
      var groups = new ArrayList<Gaussian>();
      for (int k = 0; k < Math.min(SPECTRA, components); k++) {
        groups.add(now.gaussian(k));
      }
      spectra(groups, shot.model().spec().outputs(), shot.measured());
    }
    if (now.each() * components <= FEW_POINTS) {
      shot.measured()
          .put(
              DISTANCE,
              MixtureWasserstein.distance(
                  GaussianMixture.uniform(start.points()), GaussianMixture.uniform(now.points())));
    }
  }

  private static double meansMoved(Neurons now, Neurons start, int components) {
    double[] means = now.means();
    double[] before = start.means();
    double sum = 0;
    for (int i = 0; i < means.length; i++) {
      sum += (means[i] - before[i]) * (means[i] - before[i]);
    }
    return Math.sqrt(sum / components);
  }

  /**
   * The leading eigenvalues, and log det of the covariance of w: means over the first components.
   */
  private static void spectra(List<Gaussian> components, int outputs, Measured measured) {
    int count = Math.min(SPECTRA, components.size());
    double[] leading = new double[EIGENVALUES];
    double log = 0;
    for (Gaussian component : components.subList(0, count)) {
      double[] spectrum = component.spectrum();
      for (int i = 0; i < EIGENVALUES && i < spectrum.length; i++) {
        leading[i] += spectrum[i] / count;
      }
      log += component.marginal(outputs, component.dimension()).logDeterminant() / count;
    }
    for (int i = 0; i < EIGENVALUES; i++) {
      measured.put(eigenvalue(i + 1), leading[i]);
    }
    if (Double.isFinite(log)) {
      measured.put(LOG_DETERMINANT, log);
    }
  }

  /** The steps that pictures show: the beginning, the middle and the end. */
  List<Integer> pictured() {
    return List.of(
        plan.steps().getFirst(), plan.steps().get(plan.steps().size() * 2 / 3), plan.last());
  }

  private void picture(
      Map<Integer, Snapshot> mixture,
      Map<Integer, Snapshot> widest,
      int components,
      List<Measured> rows) {
    double[][] directions = null;
    for (int step : pictured().reversed()) {
      Snapshot shot = widest.get(step);
      Snapshot own = mixture.get(step);
      if (shot == null || own == null) {
        throw new IllegalStateException("No snapshot of step " + step);
      }
      Neurons neurons = Neurons.of(shot.model(), components);
      if (directions == null) {
        directions = neurons.leadingDirections();
      }
      GaussianMixture measure = LayerMeasure.of(own.model(), 0);
      for (int k = 0; k < components; k++) {
        for (int m = 0; m < Math.min(PICTURED, neurons.each()); m++) {
          rows.add(
              new Measured()
                  .put(WHAT, NEURON)
                  .put(STEP, step)
                  .put("group", k)
                  .put("x", neurons.along(directions[0], k, m))
                  .put("y", neurons.along(directions[1], k, m)));
        }
        rows.add(projected(measure.components().get(k), directions, k, step));
      }
    }
  }

  private static Measured projected(Gaussian component, double[][] directions, int k, int step) {
    double[] covariance = component.covariance();
    int n = component.dimension();
    double[][] image = new double[2][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        image[0][i] += covariance[i * n + j] * directions[0][j];
        image[1][i] += covariance[i * n + j] * directions[1][j];
      }
    }
    return new Measured()
        .put(WHAT, COMPONENT)
        .put(STEP, step)
        .put("group", k)
        .put("x", Neurons.dot(component.mean(), directions[0]))
        .put("y", Neurons.dot(component.mean(), directions[1]))
        .put("xx", Neurons.dot(image[0], directions[0]))
        .put("xy", Neurons.dot(image[0], directions[1]))
        .put("yy", Neurons.dot(image[1], directions[1]));
  }

  @Override
  public String brief(List<Measured> result) {
    return result.size() + " rows";
  }

  @Override
  public void report(Results results, Report report) {
    new DynamicsReport(plan, this, results).write(report);
  }
}
