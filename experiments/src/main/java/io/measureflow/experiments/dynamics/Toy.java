package io.measureflow.experiments.dynamics;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.families.Families;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.measures.Gaussian;
import io.measureflow.core.measures.GaussianMixture;
import io.measureflow.core.measures.LayerMeasure;
import io.measureflow.core.model.Initialization;
import io.measureflow.core.model.Model;
import io.measureflow.core.reference.ReferenceBackendProvider;
import io.measureflow.experiments.data.Outputs;
import io.measureflow.experiments.data.PlanePoints;
import io.measureflow.experiments.report.Report;
import io.measureflow.experiments.request.Scale;
import io.measureflow.experiments.results.Measured;
import io.measureflow.experiments.results.Results;
import io.measureflow.experiments.results.Run;
import io.measureflow.experiments.runner.Experiment;
import io.measureflow.experiments.runner.Laboratory;
import io.measureflow.experiments.runner.Recipe;
import io.measureflow.plots.FlowPicture;
import io.measureflow.plots.Gif;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** An animation of the flow of a mixture in the plane. */
public final class Toy implements Experiment {

  private static final String TASK = "task";
  private static final String STEP = "step";
  private static final String LOSS = "loss";
  private static final String ACCURACY = "accuracy";
  private static final String PARAMETERS = "parameters";
  private static final int ROWS = 600;
  private static final int BATCH = 128;
  private static final int SHOWN = 160;
  private static final int GRID = 90;
  private static final double EXTENT = 1.75;
  private static final int FRAME_MILLISECONDS = 120;
  private static final int LAST_MILLISECONDS = 2500;

  private final Plan plan;

  /**
   * The sizes of the experiment.
   *
   * @param frames the steps at which a frame is taken, ascending from 0
   */
  record Plan(int components, double rate, List<Integer> frames) {

    static Plan of(Scale scale) {
      return switch (scale) {
        case QUICK -> new Plan(12, 0.3, frames(300, 6));
        case STANDARD, FULL -> new Plan(12, 0.3, frames(6000, 36));
      };
    }

    /** Returns steps that lie close together at first and further and further apart. */
    static List<Integer> frames(int last, int count) {
      var frames = new ArrayList<Integer>();
      for (int i = 0; i <= count; i++) {
        int step = (int) Math.round(last * Math.pow((double) i / count, 2.5));
        if (frames.isEmpty() || step > frames.getLast()) {
          frames.add(step);
        }
      }
      return frames;
    }
  }

  /** A classification task in the plane. */
  private enum Task {
    MOONS("two moons"),
    SPIRALS("two spirals");

    private final String title;

    Task(String title) {
      this.title = title;
    }

    String key() {
      return name().toLowerCase(Locale.ROOT);
    }

    PlanePoints points() {
      return switch (this) {
        case MOONS -> PlanePoints.moons(ROWS, 1);
        case SPIRALS -> PlanePoints.spirals(ROWS, 1);
      };
    }
  }

  public Toy(Scale scale) {
    this(Plan.of(scale));
  }

  Toy(Plan plan) {
    this.plan = plan;
  }

  @Override
  public String name() {
    return "toy";
  }

  @Override
  public String title() {
    return "A mixture that flows: two moons and two spirals";
  }

  @Override
  public List<String> settings() {
    return List.of(TASK, Recipe.COMPONENTS, Recipe.RATE, "steps", "frames");
  }

  @Override
  public List<String> measurements() {
    return List.of(STEP, LOSS, ACCURACY, PARAMETERS);
  }

  @Override
  public List<String> datasets() {
    return List.of();
  }

  private Run run(Task task) {
    return Run.of(
        1,
        TASK,
        task.key(),
        Recipe.COMPONENTS,
        plan.components(),
        Recipe.RATE,
        plan.rate(),
        "steps",
        plan.frames().getLast(),
        "frames",
        plan.frames().size());
  }

  @Override
  public List<Run> plan(Results done) {
    return Arrays.stream(Task.values()).map(this::run).toList();
  }

  private ModelSpec spec() {
    return new ModelSpec(
        List.of(
            new MixtureLayer(Families.FULL, Activations.RELU, true, 2, 2, plan.components(), 0)));
  }

  @Override
  public List<Measured> perform(Run run, Laboratory laboratory) {
    PlanePoints points = Task.valueOf(run.setting(TASK).toUpperCase(Locale.ROOT)).points();
    int[] labels = Outputs.labels(points);
    Backend backend = laboratory.backend();
    Model start =
        Model.of(
            spec(),
            Initialization.parameters(spec(), run.seed(), backend.description().precision()),
            "start");
    var rows = new ArrayList<Measured>();
    new Trajectory(points, BATCH, plan.rate(), run.seed())
        .follow(
            backend,
            start,
            plan.frames(),
            (step, model, loss) -> {
              double[] outputs = Outputs.of(backend, model, points);
              rows.add(
                  new Measured()
                      .put(STEP, step)
                      .put(LOSS, Outputs.crossEntropy(outputs, labels))
                      .put(ACCURACY, Outputs.accuracy(outputs, labels))
                      .put(PARAMETERS, text(model)));
            });
    return rows;
  }

  /** All parameters, separated by spaces. */
  private static String text(Model model) {
    return model.parameters().values().stream()
        .flatMap(tensor -> Arrays.stream(tensor.toDoubles()).boxed())
        .map(Run::text)
        .collect(Collectors.joining(" "));
  }

  private Model model(String text) {
    double[] values = Arrays.stream(text.split(" ")).mapToDouble(Double::parseDouble).toArray();
    var tensors = new LinkedHashMap<String, Tensor>();
    int at = 0;
    for (ParameterSpec parameter : spec().layers().getFirst().parameters()) {
      int size = parameter.shape().size();
      tensors.put(
          Model.parameterName(0, parameter.name()),
          Tensor.of(parameter.shape(), Arrays.copyOfRange(values, at, at + size)));
      at += size;
    }
    return Model.of(spec(), tensors, "frame");
  }

  @Override
  public String brief(List<Measured> result) {
    return "accuracy " + result.getLast().cells().get(ACCURACY);
  }

  @Override
  public void report(Results results, Report report) {
    report.paragraph(
        String.format(
            Locale.ROOT,
            "A layer of K = %d Gaussian components (of any covariance, relu, bias) learns two tasks"
                + " in the plane by the Wasserstein gradient flow at h = %s, in batches of %d out"
                + " of %d points. Behind: what the layer decides, paler where it is less sure. In"
                + " front: an ellipse of one standard deviation for each component, in the plane of"
                + " the weights (w1, w2) of its neurons, in the colour of the class that they vote"
                + " for. After %d steps the accuracy on the points is %s.",
            plan.components(),
            Run.text(plan.rate()),
            BATCH,
            ROWS,
            plan.frames().getLast(),
            Arrays.stream(Task.values())
                .map(
                    task ->
                        String.format(
                            Locale.ROOT,
                            "%.1f %% (%s)",
                            100 * of(task, results).rows().getLast().number(ACCURACY),
                            task.title))
                .collect(Collectors.joining(" and "))));
    report.animation(
        name() + "-flow", Gif.bytes(frames(results), delays()), "The flow, step by step.");
  }

  private Results of(Task task, Results results) {
    return results.of(List.of(run(task)), settings());
  }

  private int[] delays() {
    int[] delays = new int[plan.frames().size()];
    Arrays.fill(delays, FRAME_MILLISECONDS);
    delays[delays.length - 1] = LAST_MILLISECONDS;
    return delays;
  }

  private List<BufferedImage> frames(Results results) {
    PlanePoints grid = PlanePoints.grid(GRID, EXTENT);
    var panels = new ArrayList<List<FlowPicture.Panel>>();
    plan.frames().forEach(step -> panels.add(new ArrayList<>()));
    // Redrawn from the file with the reference backend, so that pictures do not depend on the
    // backend.
    try (Backend backend =
        new ReferenceBackendProvider().open(new BackendSettings(1, Precision.FLOAT64, Map.of()))) {
      for (Task task : Task.values()) {
        PlanePoints points = task.points();
        var shown = new ArrayList<FlowPicture.Point>();
        for (int i = 0; i < SHOWN; i++) {
          shown.add(new FlowPicture.Point(points.x(i), points.y(i), points.label(i)));
        }
        List<Results.Row> rows = of(task, results).rows();
        for (int i = 0; i < rows.size(); i++) {
          Results.Row row = rows.get(i);
          Model model = model(row.text(PARAMETERS));
          panels
              .get(i)
              .add(
                  new FlowPicture.Panel(
                      String.format(
                          Locale.ROOT,
                          "%s, step %d: %.1f %%",
                          task.title,
                          row.integer(STEP),
                          100 * row.number(ACCURACY)),
                      probabilities(Outputs.of(backend, model, grid)),
                      shown,
                      ellipses(LayerMeasure.of(model, 0))));
        }
      }
    }
    return FlowPicture.frames(panels, GRID, EXTENT);
  }

  /** The probabilities of the second class. */
  private static double[] probabilities(double[] outputs) {
    double[] probabilities = new double[outputs.length / 2];
    for (int i = 0; i < probabilities.length; i++) {
      probabilities[i] = 1 / (1 + Math.exp(outputs[2 * i] - outputs[2 * i + 1]));
    }
    return probabilities;
  }

  /**
   * The components projected to (w1, w2), their third and fourth coordinates; the first two are a.
   */
  private static List<FlowPicture.Ellipse> ellipses(GaussianMixture measure) {
    var ellipses = new ArrayList<FlowPicture.Ellipse>();
    for (Gaussian component : measure.components()) {
      double[] mean = component.mean();
      double[] covariance = component.marginal(2, 4).covariance();
      ellipses.add(
          new FlowPicture.Ellipse(
              mean[2],
              mean[3],
              covariance[0],
              covariance[1],
              covariance[3],
              mean[1] > mean[0] ? 1 : 0));
    }
    return ellipses;
  }
}
