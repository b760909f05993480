package io.measureflow.core.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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
import io.measureflow.api.measure.ComponentSize;
import io.measureflow.api.measure.Family;
import io.measureflow.api.measure.Initializer;
import io.measureflow.api.measure.Operands;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.measure.Role;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.families.Families;
import io.measureflow.core.flows.Wasserstein;
import io.measureflow.core.losses.Losses;
import io.measureflow.core.model.Initialization;
import io.measureflow.core.reference.ReferenceBackendProvider;
import io.measureflow.core.training.Objective;
import io.measureflow.core.training.Trainable;
import io.measureflow.core.training.TrainingPrograms;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What external families may do: share parameters, draw them freely, define their own roles. */
class FamilyFromOutsideTest {

  private static final Role SHAPE = new Role("shape");
  private static final int BATCH = 5;
  private static final int INPUTS = 3;
  private static final int OUTPUTS = 2;
  private static final int COMPONENTS = 4;

  /** Diagonal Gaussians on w with shared standard deviations. */
  private record Tied() implements Family {
    @Override
    public String name() {
      return "tied";
    }

    @Override
    public List<ParameterSpec> parameters(ComponentSize size) {
      return List.of(
          ParameterSpec.mean(
              "out_mean",
              Shape.of(size.components(), size.outputs()),
              new Initializer.Drawn(
                  (random, tensor) -> {
                    for (int i = 0; i < tensor.shape().size(); i++) {
                      tensor.set(i, random.nextBoolean() ? 1 : -1);
                    }
                  })),
          ParameterSpec.mean(
              "in_mean", Shape.of(size.components(), size.inputs()), new Initializer.Normal(0.5)),
          new ParameterSpec(
                  "in_std", Shape.of(1, size.inputs()), new Initializer.Constant(0.3), 2, SHAPE)
              .sharedByComponents());
    }

    @Override
    public Value output(Operands operands) {
      ProgramBuilder p = operands.program();
      Value mean = p.matMul(operands.input(), false, operands.parameter("in_mean"), true);
      Value variance = p.varianceProduct(operands.input(), operands.parameter("in_std"));
      Value g0 = operands.moment(mean, p.broadcastTo(variance, mean.shape()), 0);
      Value pi = p.reshape(operands.weights(), Shape.of(operands.weights().shape().size(), 1));
      return p.matMul(g0, false, p.multiply(pi, operands.parameter("out_mean")), false);
    }
  }

  /** Forgets the second factor. */
  private record Narrow() implements Family {
    @Override
    public String name() {
      return "narrow";
    }

    @Override
    public List<ParameterSpec> parameters(ComponentSize size) {
      return Families.DIRAC.parameters(size);
    }

    @Override
    public Value output(Operands operands) {
      return operands
          .program()
          .matMul(operands.input(), false, operands.parameter("in_mean"), true);
    }
  }

  private static ModelSpec model(Family family) {
    return new ModelSpec(
        List.of(new MixtureLayer(family, Activations.RELU, true, INPUTS, OUTPUTS, COMPONENTS, 0)));
  }

  private static void fill(Executable executable) {
    Tensor features = executable.input(TrainingPrograms.FEATURES);
    for (int i = 0; i < features.shape().size(); i++) {
      features.set(i, Math.sin(1 + 2.0 * i));
    }
    Tensor targets = executable.input(TrainingPrograms.TARGETS);
    for (int i = 0; i < targets.shape().size(); i++) {
      targets.set(i, Math.cos(3.0 * i));
    }
  }

  private static double loss(Backend backend, ModelSpec model, Map<String, Tensor> parameters) {
    try (Workspace workspace = backend.newWorkspace();
        Executable program =
            workspace.compile(
                TrainingPrograms.evaluation(model, Losses.HALF_SQUARED_ERROR, BATCH))) {
      parameters.forEach(workspace::write);
      fill(program);
      program.run();
      return program.output(TrainingPrograms.LOSS).get(0);
    }
  }

  @Test
  void whatComponentsShareMovesByTheGradientOfTheLossOverItsMetricAlone() {
    ModelSpec model = model(new Tied());
    Map<String, Tensor> start = Initialization.parameters(model, 3, Precision.FLOAT64);
    double h = 0.1;
    try (Backend backend =
            new ReferenceBackendProvider().open(BackendSettings.of(1, Precision.FLOAT64));
        Workspace workspace = backend.newWorkspace();
        Executable step =
            workspace.compile(
                TrainingPrograms.step(
                    model,
                    Objective.of(Losses.HALF_SQUARED_ERROR),
                    Wasserstein.of(),
                    new Trainable(Set.of(SHAPE), 1, Double.POSITIVE_INFINITY),
                    true,
                    0,
                    BATCH))) {
      start.forEach(workspace::write);
      fill(step);
      step.input(TrainingPrograms.RATE).set(0, h);
      step.input(TrainingPrograms.STEP).set(0, 1);
      step.run();
      double[] moved = workspace.read("layers.0.in_std").toDoubles();
      double[] before = tensor(start, "layers.0.in_std").toDoubles();
      for (int i = 0; i < before.length; i++) {
        double e = 1e-5;
        double[] loss = new double[2];
        for (int side = 0; side < 2; side++) {
          var changed = new HashMap<>(start);
          Tensor std = tensor(start, "layers.0.in_std").to(Precision.FLOAT64.elementType());
          std.set(i, before[i] + (side == 0 ? -e : e));
          changed.put("layers.0.in_std", std);
          loss[side] = loss(backend, model, changed);
        }
        double expected = before[i] - h / 2 * (loss[1] - loss[0]) / (2 * e);
        assertEquals(expected, moved[i], 1e-9);
      }
      // Everything else has another role.
      assertArrayEquals(
          tensor(start, "layers.0.in_mean").toDoubles(),
          workspace.read("layers.0.in_mean").toDoubles());
    }
  }

  private static Tensor tensor(Map<String, Tensor> tensors, String name) {
    Tensor tensor = tensors.get(name);
    assertTrue(tensor != null, name);
    return Objects.requireNonNull(tensor);
  }

  @Test
  void aFamilyDrawsWithTheSeededGenerator() {
    ModelSpec model = model(new Tied());
    double[] one =
        tensor(Initialization.parameters(model, 3, Precision.FLOAT64), "layers.0.out_mean")
            .toDoubles();
    double[] again =
        tensor(Initialization.parameters(model, 3, Precision.FLOAT32), "layers.0.out_mean")
            .toDoubles();
    assertArrayEquals(one, again);
    boolean differs = false;
    for (long seed = 4; seed < 8; seed++) {
      double[] other =
          tensor(Initialization.parameters(model, seed, Precision.FLOAT64), "layers.0.out_mean")
              .toDoubles();
      differs |= !Arrays.equals(one, other);
    }
    assertTrue(differs, "the seed decides");
    for (double entry : one) {
      assertEquals(1, Math.abs(entry));
    }
  }

  @Test
  void anOutputOfAnotherShapeIsRefusedByNameAndClass() {
    var error =
        assertThrows(
            InvalidRequestException.class,
            () -> TrainingPrograms.prediction(model(new Narrow()), BATCH));
    for (String part : List.of("narrow", Narrow.class.getName(), "[5, 2]", "[5, 4]")) {
      assertTrue(String.valueOf(error.getMessage()).contains(part), error.getMessage());
    }
  }

  @Test
  void theRankIsCheckedAndHasOneForm() {
    assertThrows(
        InvalidRequestException.class,
        () -> new MixtureLayer(Families.DIAGONAL, Activations.RELU, true, 3, 2, 4, 4));
    assertThrows(
        InvalidRequestException.class,
        () -> new MixtureLayer(Families.FACTORED, Activations.RELU, true, 3, 2, 4, 0));
    assertEquals(
        new MixtureLayer(Families.FULL, Activations.RELU, true, 3, 2, 4, 0),
        new MixtureLayer(Families.FULL, Activations.RELU, true, 3, 2, 4, 6));
  }
}
