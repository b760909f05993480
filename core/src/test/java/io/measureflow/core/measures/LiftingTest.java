package io.measureflow.core.measures;

import static io.measureflow.core.measures.Oracle.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.families.Families;
import io.measureflow.core.layers.DenseLayer;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.model.Initialization;
import io.measureflow.core.model.Model;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LiftingTest {

  private static final double[] ROWS = new RandomMeasures(1).vector(6 * 3, 1);

  private static Model network(Activation activation, boolean bias, boolean outputBias) {
    var spec =
        new ModelSpec(
            List.of(
                new DenseLayer(activation, bias, 3, 9),
                new DenseLayer(Activations.IDENTITY, outputBias, 9, 2)));
    var parameters = new LinkedHashMap<>(Initialization.parameters(spec, 4, Precision.FLOAT64));
    if (bias) {
      parameters.put("layers.0.bias", Tensor.of(Shape.of(9), new RandomMeasures(2).vector(9, 1)));
    }
    return Model.of(spec, parameters, "test");
  }

  static List<Arguments> activationsAndBias() {
    return List.of(
        Arguments.of(Activations.RELU, true),
        Arguments.of(Activations.RELU, false),
        Arguments.of(Activations.IDENTITY, true));
  }

  @ParameterizedTest
  @MethodSource("activationsAndBias")
  void aNetworkAndItsDiracLayerGiveTheSameOutputs(Activation activation, boolean bias) {
    Model network = network(activation, bias, false);
    Model lifted = Lifting.dirac(network);
    assertEquals(
        List.of(new MixtureLayer(Families.DIRAC, activation, bias, 3, 2, 9, 0)),
        lifted.spec().layers());
    assertClose(Outputs.of(network, ROWS), Outputs.of(lifted, ROWS), 1e-14, "outputs");
  }

  @Test
  void anOutputBiasOfZeroIsNone() {
    Model network = network(Activations.RELU, true, true);
    assertClose(
        Outputs.of(network, ROWS), Outputs.of(Lifting.dirac(network), ROWS), 1e-14, "outputs");
  }

  @Test
  void withoutSpreadTheMixtureIsStillTheNetwork() {
    Model network = network(Activations.RELU, true, false);
    Model dirac = Lifting.dirac(network);
    double[] expected = Outputs.of(network, ROWS);
    assertClose(expected, Outputs.of(Lifting.isotropic(dirac, 0), ROWS), 1e-14, "isotropic");
    assertClose(
        expected, Outputs.of(Lifting.diagonal(dirac, new double[4]), ROWS), 1e-14, "diagonal");
  }

  @Test
  void spreadSmoothsTheNetworkAsDrawnNeuronsWould() {
    Model dirac = Lifting.dirac(network(Activations.RELU, true, false));
    double[] std = {0.3, -0.1, 0.5, 0};
    double[] smooth = Outputs.of(Lifting.diagonal(dirac, std), ROWS);
    // For w ~ N(m, diag(s^2)): z ~ N(m.x, s^2.x^2), averaged here by a fine midpoint rule.
    double[] out = dirac.parameter("layers.0.out_mean").toDoubles();
    double[] in = dirac.parameter("layers.0.in_mean").toDoubles();
    double[] expected = new double[smooth.length];
    for (int row = 0; row < 6; row++) {
      for (int k = 0; k < 9; k++) {
        double mean = in[k * 4 + 3];
        double variance = std[3] * std[3];
        for (int j = 0; j < 3; j++) {
          double x = ROWS[row * 3 + j];
          mean += in[k * 4 + j] * x;
          variance += std[j] * std[j] * x * x;
        }
        double moment = 0;
        double step = 1e-3;
        for (double t = -9 + step / 2; t < 9; t += step) {
          double density = Math.exp(-t * t / 2) / Math.sqrt(2 * Math.PI);
          moment += step * density * Math.max(mean + Math.sqrt(variance) * t, 0);
        }
        for (int i = 0; i < 2; i++) {
          expected[row * 2 + i] += out[k * 2 + i] * moment / 9;
        }
      }
    }
    assertClose(expected, smooth, 1e-6, "outputs");
    double[] same = {0.2, 0.2, 0.2, 0.2};
    assertClose(
        Outputs.of(Lifting.diagonal(dirac, same), ROWS),
        Outputs.of(Lifting.isotropic(dirac, -0.2), ROWS),
        1e-14,
        "isotropic");
  }

  @Test
  void liftingASampledNetworkGivesTheSampledLayer() {
    GaussianMixture measure = new RandomMeasures(7).mixture(3, 6);
    var sampling = new NeuronSampling(2, true, Activations.RELU);
    Model lifted = Lifting.dirac(sampling.network(measure, 8, new SplittableRandom(3)));
    Model layer = sampling.diracLayer(measure, 8, new SplittableRandom(3));
    assertEquals(layer.spec(), lifted.spec());
    // M is a power of two: not even rounding differs.
    layer
        .parameters()
        .forEach(
            (name, tensor) ->
                assertArrayEquals(tensor.toDoubles(), lifted.parameter(name).toDoubles(), name));
  }

  @Test
  void theWeightsOfADiracLayerAreKept() {
    Model dirac = Lifting.dirac(network(Activations.RELU, true, false));
    Tensor weights = dirac.parameter("layers.0.log_weights");
    weights.set(2, 1.5);
    double[] expected = Outputs.of(dirac, ROWS);
    Model spread = Lifting.isotropic(dirac, 0);
    assertClose(expected, Outputs.of(spread, ROWS), 1e-14, "outputs");
    weights.set(2, 0);
    assertClose(1.5, spread.parameter("layers.0.log_weights").get(2), 0, "a copy");
  }

  @Test
  void whatCannotBeLiftedExactlyIsRefused() {
    Model biased = network(Activations.RELU, true, true);
    biased.parameter("layers.1.bias").set(1, 0.25);
    assertRefused(
        "tensor layers.1.bias: expected zeros, found 0.25 at index 1", () -> Lifting.dirac(biased));
    assertRefused("cannot be lifted exactly", () -> Lifting.dirac(biased));

    Model dirac = Lifting.dirac(network(Activations.RELU, true, false));
    assertRefused("expected two dense layers", () -> Lifting.dirac(dirac));
    assertRefused(
        "expected one mixture layer of family dirac",
        () -> Lifting.isotropic(Lifting.isotropic(dirac, 1), 1));
    assertRefused("expected one mixture layer", () -> Lifting.diagonal(biased, new double[4]));
    assertThrows(IllegalArgumentException.class, () -> Lifting.diagonal(dirac, new double[3]));

    var spec =
        new ModelSpec(
            List.of(
                new DenseLayer(Activations.RELU, true, 3, 4),
                new DenseLayer(Activations.RELU, false, 4, 2)));
    var active = Model.of(spec, Initialization.parameters(spec, 1, Precision.FLOAT64), "test");
    assertRefused("the second with activation identity", () -> Lifting.dirac(active));
  }

  private static void assertRefused(String message, Runnable lifting) {
    var error = assertThrows(InvalidRequestException.class, lifting::run);
    assertTrue(error.getMessage().contains(message), error.getMessage());
  }
}
