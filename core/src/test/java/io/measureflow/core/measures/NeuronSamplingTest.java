package io.measureflow.core.measures;

import static io.measureflow.core.measures.Oracle.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.families.Families;
import io.measureflow.core.layers.DenseLayer;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.model.Model;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class NeuronSamplingTest {

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void bothFormsGiveTheMeanOfTheNeuronsDrawn(boolean bias) {
    int p = 2;
    int d = 3;
    int n = bias ? d + 1 : d;
    int count = 7;
    GaussianMixture measure = new RandomMeasures(3).mixture(4, p + n);
    var sampling = new NeuronSampling(p, bias, Activations.RELU);
    double[] x = new RandomMeasures(4).vector(5 * d, 1);

    double[] theta = measure.sample(count, new SplittableRandom(9));
    double[] expected = new double[5 * p];
    for (int row = 0; row < 5; row++) {
      for (int m = 0; m < count; m++) {
        double z = bias ? theta[m * (p + n) + p + d] : 0;
        for (int j = 0; j < d; j++) {
          z += theta[m * (p + n) + p + j] * x[row * d + j];
        }
        for (int i = 0; i < p; i++) {
          expected[row * p + i] += theta[m * (p + n) + i] * Math.max(z, 0) / count;
        }
      }
    }
    Model network = sampling.network(measure, count, new SplittableRandom(9));
    Model layer = sampling.diracLayer(measure, count, new SplittableRandom(9));
    assertClose(expected, Outputs.of(network, x), 1e-14, "network");
    assertClose(expected, Outputs.of(layer, x), 1e-14, "layer");
    assertEquals(
        List.of(
            new DenseLayer(Activations.RELU, bias, d, count),
            new DenseLayer(Activations.IDENTITY, false, count, p)),
        network.spec().layers());
  }

  static List<Arguments> activationsAndBias() {
    return List.of(
        Arguments.of(Activations.RELU, true),
        Arguments.of(Activations.RELU, false),
        Arguments.of(Activations.IDENTITY, true));
  }

  @ParameterizedTest
  @MethodSource("activationsAndBias")
  void manyNeuronsApproachTheLayerWithinTheirStandardError(Activation activation, boolean bias) {
    int p = 1;
    int d = 3;
    int n = bias ? d + 1 : d;
    int k = 3;
    var measures = new RandomMeasures(12);
    double[] out = measures.vector(k * p, 1);
    double[] in = measures.vector(k * n, 1);
    double[] std = measures.vector(k * n, 0.7);
    var components = new ArrayList<Gaussian>();
    for (int c = 0; c < k; c++) {
      double[] mean = new double[p + n];
      double[] spread = new double[p + n];
      mean[0] = out[c];
      System.arraycopy(in, c * n, mean, p, n);
      System.arraycopy(std, c * n, spread, p, n);
      components.add(Gaussian.diagonal(mean, spread));
    }
    double[] weights = {0.5, 0.2, 0.3};
    var measure = new GaussianMixture(weights, components);

    var tensors = new LinkedHashMap<String, Tensor>();
    tensors.put("layers.0.out_mean", Tensor.of(Shape.of(k, p), out));
    tensors.put("layers.0.in_mean", Tensor.of(Shape.of(k, n), in));
    tensors.put("layers.0.in_std", Tensor.of(Shape.of(k, n), std));
    tensors.put(
        "layers.0.log_weights",
        Tensor.of(Shape.of(k), Arrays.stream(weights).map(Math::log).toArray()));
    var spec =
        new ModelSpec(List.of(new MixtureLayer(Families.DIAGONAL, activation, bias, d, p, k, 0)));
    double[] x = measures.vector(4 * d, 1);
    double[] exact = Outputs.of(Model.of(spec, tensors, "test"), x);

    int count = 20_000;
    Model network =
        new NeuronSampling(p, bias, activation).network(measure, count, new SplittableRandom(2));
    double[] estimate = Outputs.of(network, x);
    double[] theta = measure.sample(count, new SplittableRandom(2));
    for (int row = 0; row < 4; row++) {
      double square = 0;
      for (int m = 0; m < count; m++) {
        double z = bias ? theta[m * (p + n) + p + d] : 0;
        for (int j = 0; j < d; j++) {
          z += theta[m * (p + n) + p + j] * x[row * d + j];
        }
        double own =
            theta[m * (p + n)] * (activation.equals(Activations.RELU) ? Math.max(z, 0) : z);
        square += (own - exact[row]) * (own - exact[row]) / count;
      }
      assertClose(exact[row], estimate[row], 5 * Math.sqrt(square / count), "row " + row);
    }
  }

  @Test
  void aMeasureWithoutRoomForInputsIsRefused() {
    var plane = GaussianMixture.uniform(List.of(Gaussian.point(new double[2])));
    var random = new SplittableRandom(1);
    assertRefused("1 more dimensions, found 2", plane, 2, false, 1);
    assertRefused("2 more dimensions, found 2", plane, 1, true, 1);
    assertRefused("at least 1, found 0", plane, 1, false, 0);
    new NeuronSampling(1, false, Activations.RELU).network(plane, 1, random);
  }

  private static void assertRefused(
      String message, GaussianMixture measure, int outputs, boolean bias, int count) {
    var sampling = new NeuronSampling(outputs, bias, Activations.RELU);
    var error =
        assertThrows(
            IllegalArgumentException.class,
            () -> sampling.network(measure, count, new SplittableRandom(1)));
    assertTrue(String.valueOf(error.getMessage()).contains(message), error.getMessage());
  }
}
