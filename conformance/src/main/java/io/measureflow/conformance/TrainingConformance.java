package io.measureflow.conformance;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.flow.Flow;
import io.measureflow.api.measure.Family;
import io.measureflow.api.measure.Role;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Program;
import io.measureflow.api.registry.Extensions;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.families.Families;
import io.measureflow.core.layers.DenseLayer;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.losses.Losses;
import io.measureflow.core.model.Initialization;
import io.measureflow.core.reference.ReferenceBackendProvider;
import io.measureflow.core.training.Objective;
import io.measureflow.core.training.Trainable;
import io.measureflow.core.training.TrainingPrograms;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Compares whole training runs with the float64 reference backend, to be subclassed by each
 * backend: the loss of each of 200 steps, for every family and every flow, a stack, trained
 * weights, functionals and regression.
 */
public abstract class TrainingConformance {

  private static final int STEPS = 200;
  private static final int BATCH = 48;
  private static final int INPUTS = 20;
  private static final int OUTPUTS = 4;

  /** The losses of the reference by the name of the run, computed once for all subclasses. */
  private static final Map<String, double[]> REFERENCE = new ConcurrentHashMap<>();

  /** Opens the backend under test. */
  protected abstract Backend open();

  /**
   * Returns the tolerance of a loss, relative to the first loss.
   *
   * <p>A step in float32 has errors of a few units of 6e-8, relative to the parameters. A stable
   * descent contracts them, so that they do not add up over 200 steps: the largest observed are
   * 1e-7 for gradient steps and 5e-7 for Adam, which divides by small numbers. The tolerance is ten
   * times that; a wrong coefficient, order or sign shows as 1e-3 and more.
   */
  protected double lossTolerance(Precision precision) {
    return switch (precision) {
      case FLOAT32 -> 5e-6;
      case FLOAT64 -> 1e-10;
    };
  }

  /**
   * One training run.
   *
   * @param name what is tested
   * @param model the model
   * @param objective what is minimized
   * @param flow the name of the flow
   * @param trainable what is trained
   * @param rate h
   * @param logWeight the first log weight of the first component; 0 for all others
   */
  private record Run(
      String name,
      ModelSpec model,
      Objective objective,
      String flow,
      Trainable trainable,
      double rate,
      double logWeight) {

    /** A run whose components all weigh the same at first. */
    Run(
        String name,
        ModelSpec model,
        Objective objective,
        String flow,
        Trainable trainable,
        double rate) {
      this(name, model, objective, flow, trainable, rate, 0);
    }

    /** The first parameters, from float32 numbers, so that all precisions start alike. */
    Map<String, Tensor> parameters() {
      Map<String, Tensor> parameters = Initialization.parameters(model, 7, Precision.FLOAT32);
      if (logWeight != 0) {
        requireNonNull(parameters.get("layers.0.log_weights")).set(0, logWeight);
      }
      return parameters;
    }

    boolean regression() {
      return objective.loss().equals(Losses.HALF_SQUARED_ERROR);
    }

    Program program() {
      return TrainingPrograms.step(
          model,
          objective,
          Extensions.onClassPath().of(Flow.KIND).get(flow),
          trainable,
          !regression(),
          0,
          BATCH);
    }
  }

  @TestFactory
  Stream<DynamicTest> lossesFollowTheReference() {
    return runs().stream().map(run -> DynamicTest.dynamicTest(run.name(), () -> check(run)));
  }

  private static List<Run> runs() {
    Objective classes = Objective.of(Losses.SOFTMAX_CROSS_ENTROPY);
    var runs = new ArrayList<Run>();
    for (String family : List.of("dirac", "isotropic", "diagonal", "factored", "full")) {
      runs.add(
          new Run(family, single(family, "relu"), classes, "wasserstein", Trainable.DEFAULT, 0.2));
    }
    for (String flow : Extensions.onClassPath().of(Flow.KIND).names()) {
      double rate = flow.startsWith("adam") ? 0.005 : flow.equals("wasserstein") ? 0.2 : 0.02;
      runs.add(
          new Run(
              "factored by " + flow,
              single("factored", "relu"),
              classes,
              flow,
              Trainable.DEFAULT,
              rate));
    }
    for (String activation : List.of("gelu", "tanh", "step", "sin")) {
      runs.add(
          new Run(
              "diagonal " + activation,
              single("diagonal", activation),
              classes,
              "wasserstein",
              Trainable.DEFAULT,
              // The gradient of a step function grows as the spread shrinks, and the stable rate
              // with it.
              activation.equals("step") ? 0.02 : 0.2));
    }
    runs.add(
        new Run(
            "everything is trained and clipped",
            single("factored", "relu"),
            new Objective(Losses.SOFTMAX_CROSS_ENTROPY, 1e-3, 1e-3),
            "wasserstein",
            new Trainable(Role.STANDARD, 1, 0.5),
            0.2));
    // exp(-120) is 0 in float32, where a gradient divided by it would be 0/0.
    for (boolean weights : new boolean[] {false, true}) {
      runs.add(
          new Run(
              "a weight that underflows, " + (weights ? "trained" : "fixed"),
              single("factored", "relu"),
              classes,
              "wasserstein",
              weights ? new Trainable(Role.STANDARD, 1, 0.5) : Trainable.DEFAULT,
              0.2,
              -120));
    }
    Activation relu = Activations.RELU;
    var stack =
        new ModelSpec(
            List.of(
                new MixtureLayer(Families.DIAGONAL, relu, true, INPUTS, 12, 24, 0),
                new MixtureLayer(Families.ISOTROPIC, relu, true, 12, 8, 16, 0),
                new DenseLayer(Activations.IDENTITY, true, 8, OUTPUTS)));
    runs.add(new Run("stack", stack, classes, "wasserstein", Trainable.DEFAULT, 0.1));
    runs.add(
        new Run(
            "regression",
            single("diagonal", "relu"),
            Objective.of(Losses.HALF_SQUARED_ERROR),
            "wasserstein",
            Trainable.DEFAULT,
            0.1));
    return runs;
  }

  private static ModelSpec single(String family, String activation) {
    return new ModelSpec(
        List.of(
            new MixtureLayer(
                Extensions.onClassPath().of(Family.KIND).get(family),
                Activation.of(activation, Extensions.onClassPath(), activation),
                true,
                INPUTS,
                OUTPUTS,
                family.equals("full") ? 6 : 24,
                switch (family) {
                  case "factored" -> 3;
                  case "full" -> INPUTS + 1 + OUTPUTS;
                  default -> 0;
                })));
  }

  private void check(Run run) {
    try (Backend backend = open()) {
      Gaps.requireNone(backend, run.program());
      double[] found = losses(backend, run);
      double[] expected = REFERENCE.computeIfAbsent(run.name(), name -> lossesOfTheReference(run));
      assertTrue(
          expected[STEPS - 1] < 0.97 * expected[0],
          () -> "the reference does not learn: " + expected[0] + " to " + expected[STEPS - 1]);
      double allowed = lossTolerance(backend.description().precision()) * expected[0];
      for (int step = 0; step < STEPS; step++) {
        if (!(Math.abs(found[step] - expected[step]) <= allowed)) {
          fail(
              run.name()
                  + ", loss of step "
                  + (step + 1)
                  + ": expected "
                  + expected[step]
                  + " within "
                  + allowed
                  + ", found "
                  + found[step]);
        }
      }
    }
  }

  private static double[] lossesOfTheReference(Run run) {
    try (Backend reference =
        new ReferenceBackendProvider().open(BackendSettings.of(1, Precision.FLOAT64))) {
      return losses(reference, run);
    }
  }

  /** Returns the loss of each step, each on new rows, labelled by a fixed rule. */
  private static double[] losses(Backend backend, Run run) {
    var losses = new double[STEPS];
    try (Workspace workspace = backend.newWorkspace();
        Executable step = workspace.compile(run.program())) {
      run.parameters().forEach(workspace::write);
      var random = new SplittableRandom(11);
      Tensor features = step.input(TrainingPrograms.FEATURES);
      Tensor targets = step.input(TrainingPrograms.TARGETS);
      step.input(TrainingPrograms.RATE).set(0, run.rate());
      for (int i = 0; i < STEPS; i++) {
        for (int row = 0; row < BATCH; row++) {
          var x = new double[INPUTS];
          for (int column = 0; column < INPUTS; column++) {
            x[column] = (float) random.nextDouble(-1, 1);
            features.set((long) row * INPUTS + column, x[column]);
          }
          label(run.regression(), x, row, targets);
        }
        step.input(TrainingPrograms.STEP).set(0, i + 1);
        step.run();
        losses[i] = step.output(TrainingPrograms.LOSS).get(0);
      }
    }
    return losses;
  }

  private static void label(boolean regression, double[] x, int row, Tensor targets) {
    int best = 0;
    for (int output = 0; output < OUTPUTS; output++) {
      double value = Math.abs(x[output]) + x[output + OUTPUTS];
      if (regression) {
        targets.set((long) row * OUTPUTS + output, (float) value);
      }
      if (value > Math.abs(x[best]) + x[best + OUTPUTS]) {
        best = output;
      }
    }
    if (!regression) {
      targets.set(row, best);
    }
  }
}
