package io.measureflow.core.measures;

import static io.measureflow.core.measures.Oracle.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.measure.Family;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import io.measureflow.api.registry.Extensions;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.layers.DenseLayer;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.model.Initialization;
import io.measureflow.core.model.Model;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayerMeasureTest {

  private static Model model(String family, int rank, Object... tensors) {
    var spec =
        new ModelSpec(
            List.of(
                new MixtureLayer(
                    Extensions.onClassPath().of(Family.KIND).get(family),
                    Activations.RELU,
                    true,
                    1,
                    1,
                    2,
                    rank)));
    var parameters = new LinkedHashMap<String, Tensor>();
    for (int i = 0; i < tensors.length; i += 3) {
      parameters.put(
          "layers.0." + tensors[i], Tensor.of((Shape) tensors[i + 1], (double[]) tensors[i + 2]));
    }
    parameters.put("layers.0.out_mean", Tensor.of(Shape.of(2, 1), new double[] {1, 2}));
    parameters.put("layers.0.in_mean", Tensor.of(Shape.of(2, 2), new double[] {3, 4, 5, 6}));
    parameters.put(
        "layers.0.log_weights", Tensor.of(Shape.of(2), new double[] {1000, 1000 + Math.log(3)}));
    return new Model(spec, parameters);
  }

  private static void check(Model model, double[] covariance) {
    GaussianMixture measure = LayerMeasure.of(model, 0);
    assertClose(new double[] {0.25, 0.75}, measure.weights(), 1e-13, "weights");
    Gaussian second = measure.components().get(1);
    assertClose(new double[] {2, 5, 6}, second.mean(), 0, "mean");
    assertClose(covariance, second.covariance(), 1e-14, "covariance");
  }

  /** A component keeps its place in the measure when exp(log weight) is 0. */
  @Test
  void weightsThatUnderflowStayPositive() {
    Model model = model("dirac", 0);
    model.parameter("layers.0.log_weights").set(0, -800);
    model.parameter("layers.0.log_weights").set(1, 0);
    double[] weights = LayerMeasure.of(model, 0).weights();
    assertEquals(1, weights[1]);
    assertTrue(weights[0] > 0 && weights[0] < 1e-300, String.valueOf(weights[0]));
  }

  @Test
  void componentsAreThoseOfTheTableOfFamilies() {
    check(model("dirac", 0), new double[9]);
    check(
        model("isotropic", 0, "in_std", Shape.of(2), new double[] {7, -0.5}),
        new double[] {0, 0, 0, 0, 0.25, 0, 0, 0, 0.25});
    check(
        model("diagonal", 0, "in_std", Shape.of(2, 2), new double[] {7, 7, 0.5, -2}),
        new double[] {0, 0, 0, 0, 0.25, 0, 0, 0, 4});
    // A = [A_a; A_w] = [10; 2; -1] beside the standard deviations.
    check(
        model(
            "factored",
            1,
            "in_std",
            Shape.of(2, 2),
            new double[] {7, 7, 0.5, -2},
            "in_factor",
            Shape.of(2, 2, 1),
            new double[] {7, 7, 2, -1},
            "out_factor",
            Shape.of(2, 1, 1),
            new double[] {7, 10}),
        new double[] {100, 20, -10, 20, 4.25, -2, -10, -2, 5});
    check(
        model(
            "full",
            0,
            "in_factor",
            Shape.of(2, 2, 3),
            new double[] {7, 7, 7, 7, 7, 7, 0, 2, 0, 0, 1, 3},
            "out_factor",
            Shape.of(2, 1, 3),
            new double[] {7, 7, 7, 5, 0, 1}),
        new double[] {26, 0, 3, 0, 4, 2, 3, 2, 10});
  }

  @Test
  void aLayerOfDrawnNeuronsIsTheirEmpiricalMeasure() {
    GaussianMixture measure = new RandomMeasures(3).mixture(2, 5);
    Model layer =
        new NeuronSampling(2, true, Activations.RELU)
            .diracLayer(measure, 6, new SplittableRandom(1));
    GaussianMixture empirical = LayerMeasure.of(layer, 0);
    double[] theta = measure.sample(6, new SplittableRandom(1));
    for (int m = 0; m < 6; m++) {
      double[] expected = Arrays.copyOfRange(theta, 5 * m, 5 * m + 5);
      assertClose(expected, empirical.components().get(m).mean(), 0, "neuron " + m);
    }
    assertClose(Math.log(6), empirical.weightEntropy(), 1e-14, "entropy");
  }

  @ParameterizedTest
  @ValueSource(strings = {"dirac", "isotropic", "diagonal"})
  void neuronsDrawnFromALayerAgreeWithItsOutputs(String family) {
    var spec =
        new ModelSpec(
            List.of(
                new MixtureLayer(
                    Extensions.onClassPath().of(Family.KIND).get(family),
                    Activations.RELU,
                    true,
                    3,
                    2,
                    4,
                    0)));
    Model layer = Model.of(spec, Initialization.parameters(spec, 6, Precision.FLOAT64), "test");
    double[] x = new RandomMeasures(1).vector(5 * 3, 1);
    int count = 20_000;
    Model network =
        new NeuronSampling(2, true, Activations.RELU)
            .network(LayerMeasure.of(layer, 0), count, new SplittableRandom(4));
    double[] exact = Outputs.of(layer, x);
    double[] estimate = Outputs.of(network, x);
    // |a sigma(w.x)| <= |a| (|w.xbar| + 5 s |x|) with |a|, |w| of order 1: deviations below 10.
    assertClose(exact, estimate, 5 * 10 / Math.sqrt(count), "outputs");
  }

  @Test
  void otherLayersAreRefused() {
    var dense = new ModelSpec(List.of(new DenseLayer(Activations.RELU, true, 1, 1)));
    var error =
        assertThrows(
            InvalidRequestException.class,
            () ->
                LayerMeasure.of(
                    Model.of(dense, Initialization.parameters(dense, 1, Precision.FLOAT64), "test"),
                    0));
    assertTrue(
        error
            .getMessage()
            .startsWith(
                "layers.0: expected a layer with a measure of a Gaussian family, found Dense"),
        error.getMessage());
    assertEquals(
        2,
        assertThrows(InvalidRequestException.class, () -> LayerMeasure.of(model("laplace", 0), 0))
            .exitCode());
  }
}
