package io.measureflow.core.families;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.measure.Family;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.Shape;
import io.measureflow.api.registry.Extensions;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.model.Model;
import io.measureflow.core.reference.ReferenceBackendProvider;
import io.measureflow.core.training.TrainingPrograms;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A single mixture layer with random parameters and a random batch, on the reference backend.
 *
 * @param spec the layer
 * @param parameters its parameters by full name
 * @param features [batch, inputs]
 * @param labels one per row
 */
record Scenario(MixtureLayer spec, Map<String, Tensor> parameters, Tensor features, Tensor labels) {

  static final int BATCH = 3;

  static Scenario of(
      String family, String activation, boolean bias, int inputs, int outputs, int k, long seed) {
    var spec =
        new MixtureLayer(
            Extensions.onClassPath().of(Family.KIND).get(family),
            Activation.of(activation, Extensions.onClassPath(), "test"),
            bias,
            inputs,
            outputs,
            k,
            Extensions.onClassPath().of(Family.KIND).get(family).rankRule() == Family.RankRule.FREE
                ? 2
                : 0);
    var random = new SplittableRandom(seed);
    Layer layer = spec;
    var parameters = new LinkedHashMap<String, Tensor>();
    for (ParameterSpec parameter : layer.parameters()) {
      double scale =
          switch (parameter.role().name()) {
            case "means" -> 0.8;
            // Small, so that quadratures are exact to within the tolerance.
            case "spread" -> 0.15;
            default -> 0.7;
          };
      Tensor tensor = Tensor.of(parameter.shape(), new double[parameter.shape().size()]);
      for (int i = 0; i < parameter.shape().size(); i++) {
        tensor.set(i, scale * random.nextGaussian());
      }
      parameters.put(Model.parameterName(0, parameter.name()), tensor);
    }
    double[] features = new double[BATCH * inputs];
    int[] labels = new int[BATCH];
    for (int i = 0; i < features.length; i++) {
      features[i] = random.nextDouble(-1, 1);
    }
    for (int i = 0; i < BATCH; i++) {
      labels[i] = random.nextInt(outputs);
    }
    return new Scenario(
        spec,
        parameters,
        Tensor.of(Shape.of(BATCH, inputs), features),
        Tensor.of(Shape.of(BATCH), labels));
  }

  ModelSpec model() {
    return new ModelSpec(List.of(spec));
  }

  /** Uses a compiled program whose inputs and states are filled. */
  interface Use {
    void with(Workspace workspace, Executable executable);
  }

  void run(Program program, Use use) {
    try (Backend backend =
            new ReferenceBackendProvider().open(BackendSettings.of(1, Precision.FLOAT64));
        Workspace workspace = backend.newWorkspace();
        Executable executable = workspace.compile(program)) {
      for (String state : workspace.states()) {
        Tensor parameter = parameters.get(state);
        if (parameter != null) {
          workspace.write(state, parameter);
        }
      }
      program
          .inputs()
          .forEach(
              input -> {
                if (input.name().equals(TrainingPrograms.FEATURES)) {
                  executable.input(input.name()).copyFrom(features);
                } else if (input.name().equals(TrainingPrograms.TARGETS)) {
                  for (int i = 0; i < BATCH; i++) {
                    executable.input(input.name()).set(i, labels.get(i));
                  }
                }
              });
      use.with(workspace, executable);
    }
  }
}
