package io.measureflow.core.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.flow.Flow;
import io.measureflow.api.flow.LearningRateSchedule;
import io.measureflow.api.measure.Initializer;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.measure.Role;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.NamedValues;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import io.measureflow.api.registry.Extensions;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.families.Families;
import io.measureflow.core.flows.Langevin;
import io.measureflow.core.flows.Wasserstein;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.losses.Losses;
import io.measureflow.core.model.Initialization;
import io.measureflow.core.reference.ReferenceBackendProvider;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Effects of flows on a measure: order of accuracy, which parameters change, and how far. */
class FlowTest {

  private static final int BATCH = 12;
  private static final ModelSpec SPEC =
      new ModelSpec(
          List.of(
              new MixtureLayer(
                  Families.FACTORED,
                  Activation.of("erf", Extensions.onClassPath(), ""),
                  true,
                  2,
                  2,
                  4,
                  2)));
  private static final Objective OBJECTIVE =
      new Objective(Losses.SOFTMAX_CROSS_ENTROPY, 0.02, 0.01);
  private static final Set<Role> EVERYTHING = Role.STANDARD;

  private final Backend backend =
      new ReferenceBackendProvider().open(BackendSettings.of(1, Precision.FLOAT64));

  @AfterEach
  void close() {
    backend.close();
  }

  private static Trainable trainable(Set<Role> roles) {
    return new Trainable(roles, 0.5, Double.POSITIVE_INFINITY);
  }

  /** Returns the state after some steps, all on the same batch. */
  private Map<String, Tensor> follow(String flow, Trainable trainable, double h, int steps) {
    Program program =
        TrainingPrograms.step(
            SPEC,
            OBJECTIVE,
            Extensions.onClassPath().of(Flow.KIND).get(flow),
            trainable,
            true,
            0,
            BATCH);
    try (Workspace workspace = backend.newWorkspace();
        Executable step = workspace.compile(program)) {
      start().forEach(workspace::write);
      var random = new SplittableRandom(2);
      Tensor features = step.input(TrainingPrograms.FEATURES);
      for (int i = 0; i < features.shape().size(); i++) {
        features.set(i, random.nextDouble(-1, 1));
      }
      for (int row = 0; row < BATCH; row++) {
        step.input(TrainingPrograms.TARGETS).set(row, row % 2);
      }
      step.input(TrainingPrograms.RATE).set(0, h);
      for (int i = 1; i <= steps; i++) {
        step.input(TrainingPrograms.STEP).set(0, i);
        step.run();
      }
      var state = new LinkedHashMap<String, Tensor>();
      workspace.states().forEach(name -> state.put(name, workspace.read(name)));
      return state;
    }
  }

  private static Map<String, Tensor> start() {
    return Initialization.parameters(SPEC, 1, Precision.FLOAT64);
  }

  /** The flow of |theta|^2/2 is an Ornstein-Uhlenbeck process, here with steps of h. */
  @Test
  void langevinHasTheVarianceOfItsTemperature() {
    double h = 0.1;
    double temperature = 0.5;
    double metric = 4;
    Shape shape = Shape.of(200, 50);
    var program = new ProgramBuilder("langevin");
    Value theta = program.state("theta", shape);
    var spec = new ParameterSpec("theta", shape, new Initializer.Constant(0), metric, Role.MEANS);
    var coordinate =
        new Flow.Coordinate(
            "theta", spec, theta, new NamedValues(Map.of()), program.constant(h), false);
    List<Flow.Gradient> gradients = List.of(new Flow.Gradient(theta, program.constant(1)));
    new Langevin(temperature)
        .step(
            program,
            new Flow.Step(
                List.of(coordinate),
                gradients,
                values -> gradients,
                program.input("step", Shape.SCALAR),
                7));
    try (Workspace workspace = backend.newWorkspace();
        Executable step = workspace.compile(program.build())) {
      for (int i = 1; i <= 150; i++) {
        step.input("step").set(0, i);
        step.run();
      }
      double[] sample = workspace.read("theta").toDoubles();
      double mean = Arrays.stream(sample).average().orElseThrow();
      double variance = Arrays.stream(sample).map(x -> x * x).average().orElseThrow();
      // theta <- (1 - h) theta + noise of variance 2 h tau / metric.
      double expected = 2 * h * temperature / metric / (1 - (1 - h) * (1 - h));
      assertEquals(0, mean, 4 * Math.sqrt(expected / sample.length));
      assertEquals(expected, variance, 4 * expected * Math.sqrt(2.0 / sample.length));
    }
  }

  private static double distance(Map<String, Tensor> a, Map<String, Tensor> b) {
    double sum = 0;
    for (String name : start().keySet()) {
      double[] x = entries(a, name);
      double[] y = entries(b, name);
      for (int i = 0; i < x.length; i++) {
        sum += (x[i] - y[i]) * (x[i] - y[i]);
      }
    }
    return Math.sqrt(sum);
  }

  private static double[] entries(Map<String, Tensor> state, String name) {
    Tensor tensor = state.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(name);
    }
    return tensor.toDoubles();
  }

  @Test
  void integratorsConvergeToTheContinuousFlowAtTheirOrders() {
    Trainable trainable = trainable(Set.of(Role.MEANS, Role.SPREAD));
    Map<String, Tensor> exact = follow("rk4", trainable, 0.0125, 80);
    double[] euler = new double[2];
    double[] rungeKutta = new double[2];
    for (int i = 0; i < 2; i++) {
      int steps = 5 << i;
      euler[i] = distance(exact, follow("wasserstein", trainable, 1.0 / steps, steps));
      rungeKutta[i] = distance(exact, follow("rk4", trainable, 1.0 / steps, steps));
    }
    assertTrue(euler[0] > 1e-3, "moved too little to tell: " + euler[0]);
    assertEquals(2, euler[0] / euler[1], 0.5);
    assertEquals(16, rungeKutta[0] / rungeKutta[1], 4);
    assertTrue(rungeKutta[0] < 0.01 * euler[0]);
  }

  static Set<Role> roles() {
    return Role.STANDARD;
  }

  @ParameterizedTest
  @MethodSource("roles")
  void onlyWhatIsToldToMoveMoves(Role role) {
    Map<String, Tensor> state = follow("adam", trainable(Set.of(role)), 0.1, 3);
    var moving =
        switch (role.name()) {
          case "means" -> Set.of("layers.0.out_mean", "layers.0.in_mean");
          case "spread" -> Set.of("layers.0.in_std", "layers.0.in_factor", "layers.0.out_factor");
          default -> Set.of("layers.0.log_weights");
        };
    start()
        .forEach(
            (name, tensor) -> {
              boolean same = Arrays.equals(tensor.toDoubles(), entries(state, name));
              assertEquals(!moving.contains(name), same, name);
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"wasserstein", "momentum", "adam", "rk4", "langevin"})
  void weightsThatMoveAddUpToOne(String flow) {
    double[] logs = entries(follow(flow, trainable(EVERYTHING), 0.2, 4), "layers.0.log_weights");
    double sum = 0;
    for (double log : logs) {
      sum += Math.exp(log);
    }
    assertEquals(1, sum, 1e-12);
  }

  @Test
  void aClippedStepHasTheLengthOfTheLimit() {
    double clip = 1e-3;
    double h = 0.5;
    var trainable = new Trainable(Set.of(Role.MEANS, Role.SPREAD), 1, clip);
    double moved =
        new LiftedDistance(SPEC).between(start(), follow("wasserstein", trainable, h, 1));
    assertEquals(h * clip, moved, 1e-12);
    var loose = new Trainable(Set.of(Role.MEANS, Role.SPREAD), 1, 1e6);
    assertEquals(
        0,
        distance(
            follow("wasserstein", Trainable.DEFAULT, h, 2), follow("wasserstein", loose, h, 2)));
  }

  @Test
  void theReportTellsTheWayAndTheDecrease() {
    try (var dataset = new ArrayDataset(203, 50, 1)) {
      var settings =
          new TrainingSettings(
              OBJECTIVE,
              Wasserstein.of(),
              Trainable.DEFAULT,
              true,
              new LearningRateSchedule.Constant(),
              1e-3,
              2,
              203,
              3,
              true,
              0,
              0);
      TrainingResult result =
          new Trainer(backend)
              .train(
                  SPEC,
                  TrainingState.initial(Initialization.parameters(SPEC, 1, Precision.FLOAT64)),
                  dataset,
                  settings,
                  new TrainingListener() {});
      FlowReport first = result.epochs().get(0).flow().orElseThrow();
      FlowReport second = result.epochs().get(1).flow().orElseThrow();
      // One step an epoch, on all rows: |displacement|^2 = h^2 |grad F|^2.
      assertEquals(Math.sqrt(1e-3 * first.predictedDecrease()), first.path(), 1e-12);
      assertEquals(first.path(), first.displacement(), 1e-12);
      assertEquals(first.energy() - first.decrease(), second.energy(), 1e-12);
      assertEquals(1, first.decrease() / first.predictedDecrease(), 0.01);
      assertTrue(second.displacement() > 1.9 * first.displacement());
      assertTrue(second.displacement() <= first.path() + second.path());
    }
  }

  @Test
  void pointsHaveNoEntropy() {
    var dirac =
        new ModelSpec(
            List.of(new MixtureLayer(Families.DIRAC, Activations.RELU, true, 2, 2, 4, 0)));
    var error =
        assertThrows(
            InvalidRequestException.class,
            () -> TrainingPrograms.gradients(dirac, OBJECTIVE, Trainable.DEFAULT, 0, BATCH));
    assertTrue(error.getMessage().contains("entropy of family dirac"), error.getMessage());
  }
}
