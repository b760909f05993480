package io.measureflow.core.model;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.measure.Family;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import io.measureflow.api.registry.Extensions;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.layers.DenseLayer;
import io.measureflow.core.layers.FlattenLayer;
import io.measureflow.core.layers.Kernel;
import io.measureflow.core.layers.MixtureConvLayer;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.layers.ResidualLayer;
import io.measureflow.core.reference.ReferenceBackendProvider;
import io.measureflow.core.training.TrainingPrograms;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InitializationTest {

  private static MixtureLayer mixture(String family, int inputs, int outputs, int components) {
    Family of = Extensions.onClassPath().of(Family.KIND).get(family);
    return new MixtureLayer(
        of, Activations.RELU, false, inputs, outputs, components, MixtureLayer.defaultRank(of));
  }

  private static SequencedMap<String, Tensor> drawn(ModelSpec spec, InitialScale scale) {
    return Initialization.parameters(spec, scale, 3, Precision.FLOAT64);
  }

  /** Returns the tensors that differ, after a check that they do by a factor. */
  private static Set<String> scaled(ModelSpec spec, InitialScale scale, double factor) {
    var plain = drawn(spec, InitialScale.STANDARD);
    var names = new TreeSet<String>();
    drawn(spec, scale)
        .forEach(
            (name, tensor) -> {
              double[] before = requireNonNull(plain.get(name)).toDoubles();
              double[] after = tensor.toDoubles();
              boolean same = true;
              for (int i = 0; i < before.length; i++) {
                same &= before[i] == after[i];
              }
              if (!same) {
                names.add(name);
                for (int i = 0; i < before.length; i++) {
                  assertTrue(
                      Math.abs(after[i] - factor * before[i]) <= 1e-15 * Math.abs(after[i]), name);
                }
              }
            });
    return names;
  }

  @Test
  void aSingleMixtureStartsAsItsFamilySays() {
    var single = new ModelSpec(List.of(mixture("factored", 6, 3, 9)));
    assertEquals(Set.of(), scaled(single, InitialScale.AUTO, 1));
    assertEquals(Set.of("layers.0.out_mean"), scaled(single, InitialScale.VARIANCE_PRESERVING, 3));
    // The short form is auto.
    Initialization.parameters(single, 3, Precision.FLOAT64)
        .forEach(
            (name, tensor) ->
                assertEquals(
                    -1,
                    tensor
                        .memory()
                        .mismatch(
                            requireNonNull(drawn(single, InitialScale.STANDARD).get(name))
                                .memory())));
  }

  @Test
  void mixturesOfStacksStartLargerWhereverTheyAre() {
    var conv =
        new MixtureConvLayer(
            mixture("diagonal", 9, 2, 9),
            1,
            new Kernel(List.of(3, 3), List.of(1, 1), List.of(1, 1)));
    var inner = new ResidualLayer(List.of(mixture("isotropic", 4, 4, 9)), List.of());
    var stack =
        new ModelSpec(
            Shape.of(1, 4, 4),
            List.of(
                conv,
                new FlattenLayer(),
                new DenseLayer(Activations.RELU, true, 32, 4),
                inner,
                mixture("full", 4, 2, 9)));
    var all = Set.of("layers.0.out_mean", "layers.3.layers.0.out_mean", "layers.4.out_mean");
    assertEquals(all, scaled(stack, InitialScale.AUTO, 3));
    assertEquals(all, scaled(stack, InitialScale.VARIANCE_PRESERVING, 3));
  }

  /** A stack of 12 layers, K = 64: the outputs neither vanish nor explode, as they do otherwise. */
  @ParameterizedTest
  @ValueSource(strings = {"dirac", "diagonal", "factored"})
  void theOutputsOfADeepStackKeepTheirSize(String family) {
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      layers.add(mixture(family, 32, 32, 64));
    }
    var spec = new ModelSpec(layers);
    double preserved = meanSquare(spec, InitialScale.AUTO);
    assertTrue(preserved > 1e-4 && preserved < 1e4, "mean square " + preserved);
    double standard = meanSquare(spec, InitialScale.STANDARD);
    assertTrue(standard < 1e-12, "mean square " + standard);
  }

  /** Returns the mean square of the outputs for inputs with mean square 1. */
  private static double meanSquare(ModelSpec spec, InitialScale scale) {
    try (Backend backend =
            new ReferenceBackendProvider().open(BackendSettings.of(1, Precision.FLOAT64));
        Workspace workspace = backend.newWorkspace();
        Executable prediction = workspace.compile(TrainingPrograms.prediction(spec, 16))) {
      drawn(spec, scale).forEach(workspace::write);
      var random = new SplittableRandom(1);
      Tensor features = prediction.input(TrainingPrograms.FEATURES);
      for (int i = 0; i < features.shape().size(); i++) {
        features.set(i, random.nextGaussian());
      }
      prediction.run();
      double sum = 0;
      double[] outputs = prediction.output(TrainingPrograms.OUTPUT).toDoubles();
      for (double output : outputs) {
        sum += output * output;
      }
      return sum / outputs.length;
    }
  }
}
