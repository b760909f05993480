package io.measureflow.core.measures;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.measure.Family;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.families.Families;
import io.measureflow.core.layers.DenseLayer;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.model.Model;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * Lifts ordinary networks to measure-valued layers (docs/mathematics.md, section 7): a trained
 * network of two dense layers becomes a Dirac layer, and a Dirac layer becomes a Gaussian mixture
 * once its points get spread. The resulting tensors are FLOAT64.
 */
public final class Lifting {

  private Lifting() {}

  /**
   * Converts a network of two dense layers to the Dirac layer with the same outputs: one component
   * of weight 1/M for each of its M hidden neurons, with M times the neuron's output weights as a.
   *
   * @param network a dense layer with any activation, then one with the identity and a bias of 0 or
   *     none
   * @throws InvalidRequestException if the model is anything else; a nonzero output bias is not
   *     part of any neuron, and dropping it would change the outputs
   */
  public static Model dirac(Model network) {
    List<Layer> layers = network.spec().layers();
    if (layers.size() != 2
        || !(layers.get(0) instanceof DenseLayer hidden)
        || !(layers.get(1) instanceof DenseLayer output)
        || !output.activation().equals(Activations.IDENTITY)) {
      throw InvalidRequestException.of(
          "model to lift",
          "two dense layers, the second with activation identity",
          layers.toString(),
          "Only such a network is an integral of a sigma(w.x) over its neurons.");
    }
    if (output.bias()) {
      double[] shift = values(network, 1, Names.BIAS);
      for (int i = 0; i < shift.length; i++) {
        if (shift[i] != 0) {
          throw InvalidRequestException.of(
              "model to lift, tensor " + Model.parameterName(1, Names.BIAS),
              "zeros",
              shift[i] + " at index " + i,
              "A mixture layer adds no bias to its output, so the network cannot be lifted exactly:"
                  + " train it with an output layer without bias.");
        }
      }
    }
    int count = hidden.outputs();
    int features = hidden.inputs();
    int outputs = output.outputs();
    int inputs = hidden.bias() ? features + 1 : features;

    double[] outWeight = values(network, 1, Names.WEIGHT);
    double[] outMean = new double[count * outputs];
    for (int m = 0; m < count; m++) {
      for (int i = 0; i < outputs; i++) {
        outMean[m * outputs + i] = count * outWeight[i * count + m];
      }
    }
    double[] weight = values(network, 0, Names.WEIGHT);
    double[] shift = hidden.bias() ? values(network, 0, Names.BIAS) : new double[0];
    double[] inMean = new double[count * inputs];
    for (int m = 0; m < count; m++) {
      System.arraycopy(weight, m * features, inMean, m * inputs, features);
      if (hidden.bias()) {
        inMean[m * inputs + features] = shift[m];
      }
    }

    var tensors = new LinkedHashMap<String, Tensor>();
    tensors.put(Names.OUT_MEAN, Tensor.of(Shape.of(count, outputs), outMean));
    tensors.put(Names.IN_MEAN, Tensor.of(Shape.of(count, inputs), inMean));
    tensors.put(Names.LOG_WEIGHTS, Tensor.of(Shape.of(count), new double[count]));
    return model(
        new MixtureLayer(
            Families.DIRAC, hidden.activation(), hidden.bias(), features, outputs, count, 0),
        tensors);
  }

  /**
   * Spreads the points of a Dirac layer to N(w, std^2 I).
   *
   * @param dirac a model of one Dirac layer
   * @param std the standard deviation of every coordinate of w; 0 leaves the outputs unchanged
   * @throws InvalidRequestException if the model is anything else
   */
  public static Model isotropic(Model dirac, double std) {
    MixtureLayer layer = diracLayer(dirac);
    double[] spread = new double[layer.components()];
    Arrays.fill(spread, std);
    return spread(dirac, Families.ISOTROPIC, Tensor.of(Shape.of(spread.length), spread));
  }

  /**
   * Spreads the points of a Dirac layer to N(w, diag(std)^2).
   *
   * @param dirac a model of one Dirac layer
   * @param std the standard deviations of w [n], including the bias, if any, as the last; use 0 for
   *     it to leave it fixed
   * @throws InvalidRequestException if the model is anything else
   * @throws IllegalArgumentException if the length is not n
   */
  public static Model diagonal(Model dirac, double[] std) {
    MixtureLayer layer = diracLayer(dirac);
    int inputs = layer.bias() ? layer.inputs() + 1 : layer.inputs();
    if (std.length != inputs) {
      throw new IllegalArgumentException(
          "Spread: expected " + inputs + " standard deviations, found " + std.length);
    }
    double[] spread = new double[layer.components() * inputs];
    for (int k = 0; k < layer.components(); k++) {
      System.arraycopy(std, 0, spread, k * inputs, inputs);
    }
    return spread(
        dirac, Families.DIAGONAL, Tensor.of(Shape.of(layer.components(), inputs), spread));
  }

  private static Model spread(Model dirac, Family family, Tensor std) {
    MixtureLayer layer = diracLayer(dirac);
    var tensors = new LinkedHashMap<String, Tensor>();
    for (String name : List.of(Names.OUT_MEAN, Names.IN_MEAN, Names.LOG_WEIGHTS)) {
      Tensor tensor = dirac.parameter(Model.parameterName(0, name));
      tensors.put(name, Tensor.of(tensor.shape(), tensor.toDoubles()));
    }
    tensors.put(Names.IN_STD, std);
    return model(
        new MixtureLayer(
            family,
            layer.activation(),
            layer.bias(),
            layer.inputs(),
            layer.outputs(),
            layer.components(),
            0),
        tensors);
  }

  private static MixtureLayer diracLayer(Model model) {
    List<Layer> layers = model.spec().layers();
    if (layers.size() != 1
        || !(layers.getFirst() instanceof MixtureLayer layer)
        || !layer.family().equals(Families.DIRAC)) {
      throw InvalidRequestException.of(
          "model to give spread",
          "one mixture layer of family dirac",
          layers.toString(),
          "Lift a network of two dense layers first.");
    }
    return layer;
  }

  private static double[] values(Model model, int layer, String name) {
    return model.parameter(Model.parameterName(layer, name)).toDoubles();
  }

  private static Model model(Layer layer, SequencedMap<String, Tensor> own) {
    var tensors = new LinkedHashMap<String, Tensor>();
    own.forEach((name, tensor) -> tensors.put(Model.parameterName(0, name), tensor));
    return Model.of(new ModelSpec(List.of(layer)), tensors, "lifted model");
  }
}
