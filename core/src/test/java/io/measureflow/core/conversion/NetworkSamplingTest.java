package io.measureflow.core.conversion;

import static io.measureflow.core.conversion.NetworkLiftingTest.random;
import static io.measureflow.core.conversion.NetworkLiftingTest.rows;
import static io.measureflow.core.conversion.NetworkLiftingTest.types;
import static io.measureflow.core.conversion.TorchWeightsTest.assertClose;
import static io.measureflow.core.conversion.TorchWeightsTest.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.core.conversion.NetworkSampling.Draws;
import io.measureflow.core.conversion.NetworkSampling.Neurons;
import io.measureflow.core.families.Families;
import io.measureflow.core.measures.Outputs;
import io.measureflow.core.model.Model;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkSamplingTest {

  private static final String MIXED =
      """
      {"input": [2, 6, 5], "layers": [
      {"type": "gm-conv", "family": "%1$s", "activation": "relu", "bias": true, "inputs": 2,
       "outputs": 3, "components": 4, "kernel": [3, 3], "stride": [2, 1], "padding": [1, 1]%2$s},
      {"type": "batch-norm", "features": 3},
      {"type": "residual", "layers": [
      {"type": "gm-conv", "family": "%1$s", "activation": "erf", "bias": false, "inputs": 3,
       "outputs": 3, "components": 3, "kernel": [1, 1], "stride": [1, 1], "padding": [0, 0]%2$s}]},
      {"type": "flatten"},
      {"type": "gm", "family": "%1$s", "activation": "relu", "bias": true, "inputs": 45,
       "outputs": 2, "components": 5%2$s}]}
      """;

  @Test
  void aLiftedNetworkWithANeuronForEachComponentIsTheNetworkOfPyTorch() {
    Model lifted = new NetworkLifting(Families.DIRAC, 0).lift(TorchNetwork.model());
    Model sampled = new NetworkSampling(Neurons.ONE_EACH, Draws.STRATIFIED).sample(lifted, 1);
    assertClose(
        TorchNetwork.example("output"), Outputs.of(sampled, TorchNetwork.example("input")), 1e-5);
    // Within blocks the output weights went into the second convolution: the layers are those of
    // the network again, with folded norms; in front of a block they cannot.
    assertEquals(
        List.of(
            "conv",
            "conv",
            "residual",
            "conv",
            "conv",
            "activation",
            "residual",
            "conv",
            "conv",
            "conv",
            "activation",
            "global-average-pool",
            "dense"),
        types(sampled));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void pointsOfAnyWeightComeOutExactly(int each) {
    Model model = random(MIXED.formatted("dirac", ""));
    Model sampled = new NetworkSampling(new Neurons(each, true), Draws.STRATIFIED).sample(model, 1);
    assertTrue(
        types(sampled).stream().noneMatch(type -> type.startsWith("gm")), sampled.toString());
    double[] rows = rows(model, 3);
    assertClose(Outputs.of(model, rows), Outputs.of(sampled, rows), 1e-10);
  }

  /** The mean over many networks is the output of the layer, within five standard errors. */
  @ParameterizedTest
  @EnumSource(Draws.class)
  void theMeanOverDrawsIsTheLayer(Draws draws) {
    for (int count : new int[] {2, 9}) {
      Model model =
          random(
              """
              {"layers": [
              {"type": "gm", "family": "factored", "rank": 2, "activation": "relu", "bias": true,
               "inputs": 3, "outputs": 2, "components": 4}]}
              """);
      double[] rows = rows(model, 4);
      double[] expected = Outputs.of(model, rows);
      int networks = 4000;
      double[] sum = new double[expected.length];
      double[] squares = new double[expected.length];
      var sampling = new NetworkSampling(new Neurons(count, false), draws);
      for (int i = 0; i < networks; i++) {
        Model network = sampling.sample(model, i);
        assertEquals(List.of("dense", "dense"), types(network));
        assertEquals(count, network.parameter("layers.0.bias").shape().size());
        double[] outputs = Outputs.of(network, rows);
        for (int j = 0; j < sum.length; j++) {
          sum[j] += outputs[j] / networks;
          squares[j] += outputs[j] * outputs[j] / networks;
        }
      }
      for (int j = 0; j < sum.length; j++) {
        double error = Math.sqrt((squares[j] - sum[j] * sum[j]) / networks);
        assertClose(new double[] {expected[j]}, new double[] {sum[j]}, 5 * error);
      }
    }
  }

  @Test
  void theSameSeedDrawsTheSameNeurons() {
    Model model = random(MIXED.formatted("isotropic", ""));
    var sampling = new NetworkSampling(new Neurons(3, true), Draws.STRATIFIED);
    double[] rows = rows(model, 2);
    double[] outputs = Outputs.of(sampling.sample(model, 7), rows);
    assertClose(outputs, Outputs.of(sampling.sample(model, 7), rows), 0);
    double[] others = Outputs.of(sampling.sample(model, 8), rows);
    assertTrue(Math.abs(outputs[0] - others[0]) > 1e-9);
  }

  @Test
  void whatCannotBeSampledIsRefused() {
    assertRefused(
        "expected a layer with a measure",
        () ->
            new NetworkSampling(Neurons.ONE_EACH, Draws.STRATIFIED)
                .sample(TorchNetwork.model(), 1));
    assertRefused("neurons: expected at least 1, found 0", () -> new Neurons(0, true));
  }
}
