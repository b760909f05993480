package io.measureflow.core.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.flow.Schedule;
import io.measureflow.api.measure.ParameterSpec.Role;
import io.measureflow.api.model.LayerSpec;
import io.measureflow.api.model.Loss;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Program;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.families.Families;
import io.measureflow.core.flows.Flows;
import io.measureflow.core.model.Initialization;
import io.measureflow.core.reference.ReferenceBackendProvider;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What flows do to a measure, seen from outside: order of accuracy, what moves, and how far. */
class FlowTest {

  private static final int BATCH = 12;
  private static final ModelSpec SPEC =
      new ModelSpec(
          List.of(
              new LayerSpec.GaussianMixture(
                  Families.FACTORED, Activations.get("erf", ""), true, 2, 2, 4, 2)));
  private static final Objective OBJECTIVE = new Objective(Loss.SOFTMAX_CROSS_ENTROPY, 0.02, 0.01);
  private static final Set<Role> EVERYTHING = EnumSet.allOf(Role.class);

  private final Backend backend =
      new ReferenceBackendProvider().open(BackendSettings.of(1, Precision.FLOAT64));

  @AfterEach
  void close() {
    backend.close();
  }

  private static Motion motion(Set<Role> roles) {
    return new Motion(roles, 0.5, Double.POSITIVE_INFINITY);
  }

  /** The state after some steps, all on the same batch. */
  private Map<String, Tensor> follow(String flow, Motion motion, double h, int steps) {
    Program program =
        TrainingPrograms.step(SPEC, OBJECTIVE, Flows.get(flow, Map.of()), motion, true, BATCH);
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
    Motion motion = motion(EnumSet.of(Role.MEANS, Role.SPREAD));
    Map<String, Tensor> exact = follow("rk4", motion, 0.0125, 80);
    double[] euler = new double[2];
    double[] rungeKutta = new double[2];
    for (int i = 0; i < 2; i++) {
      int steps = 5 << i;
      euler[i] = distance(exact, follow("wasserstein", motion, 1.0 / steps, steps));
      rungeKutta[i] = distance(exact, follow("rk4", motion, 1.0 / steps, steps));
    }
    assertTrue(euler[0] > 1e-3, "moved too little to tell: " + euler[0]);
    assertEquals(2, euler[0] / euler[1], 0.5);
    assertEquals(16, rungeKutta[0] / rungeKutta[1], 4);
    assertTrue(rungeKutta[0] < 0.01 * euler[0]);
  }

  @ParameterizedTest
  @EnumSource(Role.class)
  void onlyWhatIsToldToMoveMoves(Role role) {
    Map<String, Tensor> state = follow("adam", motion(EnumSet.of(role)), 0.1, 3);
    var moving =
        switch (role) {
          case MEANS -> Set.of("layers.0.out_mean", "layers.0.in_mean");
          case SPREAD -> Set.of("layers.0.in_std", "layers.0.in_factor", "layers.0.out_factor");
          case WEIGHTS -> Set.of("layers.0.log_weights");
        };
    start()
        .forEach(
            (name, tensor) -> {
              boolean same = Arrays.equals(tensor.toDoubles(), entries(state, name));
              assertEquals(!moving.contains(name), same, name);
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"wasserstein", "momentum", "adam", "rk4"})
  void weightsThatMoveAddUpToOne(String flow) {
    double[] logs = entries(follow(flow, motion(EVERYTHING), 0.2, 4), "layers.0.log_weights");
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
    var motion = new Motion(EnumSet.of(Role.MEANS, Role.SPREAD), 1, clip);
    double moved = new LiftedDistance(SPEC).between(start(), follow("wasserstein", motion, h, 1));
    assertEquals(h * clip, moved, 1e-12);
    var loose = new Motion(EnumSet.of(Role.MEANS, Role.SPREAD), 1, 1e6);
    assertEquals(
        0, distance(follow("wasserstein", Motion.USUAL, h, 2), follow("wasserstein", loose, h, 2)));
  }

  @Test
  void theReportTellsTheWayAndTheDecrease() {
    try (var dataset = new ArrayDataset(203, 50, 1)) {
      var settings =
          new TrainingSettings(
              OBJECTIVE,
              Flows.get("wasserstein", Map.of()),
              Motion.USUAL,
              true,
              new Schedule.Constant(),
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
            List.of(
                new LayerSpec.GaussianMixture(Families.DIRAC, Activations.RELU, true, 2, 2, 4, 0)));
    var error =
        assertThrows(
            InvalidRequestException.class,
            () -> TrainingPrograms.gradients(dirac, OBJECTIVE, Motion.USUAL, BATCH));
    assertTrue(error.getMessage().contains("entropy of family dirac"), error.getMessage());
  }
}
