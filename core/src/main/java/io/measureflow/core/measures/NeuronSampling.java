package io.measureflow.core.measures;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.families.Families;
import io.measureflow.core.layers.DenseLayer;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.model.Model;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Networks of neurons drawn from a measure (docs/mathematics.md, sections 1 and 7): with theta_m =
 * (a_m, w_m) drawn independently from rho, (1/M) sum_m a_m sigma(w_m.x) estimates the output of the
 * mixture layer of rho without bias.
 *
 * @param outputs p: the first p coordinates of theta are a, the rest w
 * @param bias whether the last coordinate of w is the bias, the weight of a constant input 1
 * @param activation sigma
 */
public record NeuronSampling(int outputs, boolean bias, Activation activation) {

  /**
   * Samples an ordinary network of two dense layers, sigma(w.x) and then a/M without bias.
   *
   * @param measure a mixture on R^(p+n)
   * @param count M, at least 1
   * @throws IllegalArgumentException if the dimension of the measure is too small for p outputs and
   *     an input
   */
  public Model network(GaussianMixture measure, int count, RandomGenerator random) {
    Neurons neurons = draw(measure, count, random);
    int features = bias ? neurons.inputs() - 1 : neurons.inputs();
    var spec =
        new ModelSpec(
            List.of(
                new DenseLayer(activation, bias, features, count),
                new DenseLayer(Activations.IDENTITY, false, count, outputs)));
    double[] weight = new double[count * features];
    double[] shift = new double[count];
    double[] out = new double[outputs * count];
    for (int m = 0; m < count; m++) {
      System.arraycopy(neurons.in(), m * neurons.inputs(), weight, m * features, features);
      if (bias) {
        shift[m] = neurons.in()[m * neurons.inputs() + features];
      }
      for (int i = 0; i < outputs; i++) {
        out[i * count + m] = neurons.out()[m * outputs + i] / count;
      }
    }
    var tensors = new LinkedHashMap<String, Tensor>();
    tensors.put(Model.parameterName(0, Names.WEIGHT), Tensor.of(Shape.of(count, features), weight));
    if (bias) {
      tensors.put(Model.parameterName(0, Names.BIAS), Tensor.of(Shape.of(count), shift));
    }
    tensors.put(Model.parameterName(1, Names.WEIGHT), Tensor.of(Shape.of(outputs, count), out));
    return Model.of(spec, tensors, "sampled network");
  }

  /**
   * Samples the same network as a mixture layer: M points of equal weight.
   *
   * @param measure a mixture on R^(p+n)
   * @param count M, at least 1
   * @throws IllegalArgumentException if the dimension of the measure is too small for p outputs and
   *     an input
   */
  public Model diracLayer(GaussianMixture measure, int count, RandomGenerator random) {
    Neurons neurons = draw(measure, count, random);
    int features = bias ? neurons.inputs() - 1 : neurons.inputs();
    var spec =
        new ModelSpec(
            List.of(
                new MixtureLayer(Families.DIRAC, activation, bias, features, outputs, count, 0)));
    var tensors = new LinkedHashMap<String, Tensor>();
    tensors.put(
        Model.parameterName(0, Names.OUT_MEAN), Tensor.of(Shape.of(count, outputs), neurons.out()));
    tensors.put(
        Model.parameterName(0, Names.IN_MEAN),
        Tensor.of(Shape.of(count, neurons.inputs()), neurons.in()));
    tensors.put(
        Model.parameterName(0, Names.LOG_WEIGHTS), Tensor.of(Shape.of(count), new double[count]));
    return Model.of(spec, tensors, "sampled Dirac layer");
  }

  /**
   * Sampled neurons, row by row.
   *
   * @param out a [M, p]
   * @param in w [M, n]
   * @param inputs n
   */
  @SuppressWarnings("ArrayRecordComponent") // Private and short-lived.
  private record Neurons(double[] out, double[] in, int inputs) {}

  private Neurons draw(GaussianMixture measure, int count, RandomGenerator random) {
    int width = measure.dimension();
    int inputs = width - outputs;
    int least = bias ? 2 : 1;
    if (outputs < 1 || inputs < least) {
      throw new IllegalArgumentException(
          "Measure on neurons of "
              + outputs
              + " outputs"
              + (bias ? " with a bias" : "")
              + ": expected at least 1 output and "
              + least
              + " more dimensions, found "
              + width
              + " in all");
    }
    if (count < 1) {
      throw new IllegalArgumentException("Neurons: expected at least 1, found " + count);
    }
    double[] theta = measure.sample(count, random);
    double[] out = new double[count * outputs];
    double[] in = new double[count * inputs];
    for (int m = 0; m < count; m++) {
      System.arraycopy(theta, m * width, out, m * outputs, outputs);
      System.arraycopy(theta, m * width + outputs, in, m * inputs, inputs);
    }
    return new Neurons(out, in, inputs);
  }
}
