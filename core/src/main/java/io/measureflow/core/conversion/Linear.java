package io.measureflow.core.conversion;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.model.Layer;
import io.measureflow.api.program.Shape;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.layers.ConvLayer;
import io.measureflow.core.layers.DenseLayer;
import io.measureflow.core.layers.Kernel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A dense layer or a convolution with its numbers: sigma(weight x + bias) of a row, or of the
 * window at each place of an image.
 *
 * @param kernel the kernel of a convolution; null for a dense layer
 * @param activation sigma
 * @param inputs the features of a row, or the channels of an image
 * @param outputs p
 * @param hasBias whether there is a bias
 * @param weight [p, n], where n counts the elements of a row or a window
 * @param bias [p]; zeros where there is none
 */
@SuppressWarnings("ArrayRecordComponent") // Private and short-lived.
record Linear(
    @Nullable Kernel kernel,
    Activation activation,
    int inputs,
    int outputs,
    boolean hasBias,
    double[] weight,
    double[] bias) {

  static final String WEIGHT = "weight";
  static final String BIAS = "bias";

  private static final Kernel POINTWISE = Kernel.square(1);

  /** Returns a layer of this kind; empty for others. */
  static Optional<Linear> of(Node node) {
    return switch (node.layer()) {
      case DenseLayer dense ->
          Optional.of(
              new Linear(
                  null,
                  dense.activation(),
                  dense.inputs(),
                  dense.outputs(),
                  dense.bias(),
                  node.values(WEIGHT),
                  dense.bias() ? node.values(BIAS) : new double[dense.outputs()]));
      case ConvLayer conv ->
          Optional.of(
              new Linear(
                  conv.kernel(),
                  conv.activation(),
                  conv.inputs(),
                  conv.outputs(),
                  conv.bias(),
                  node.values(WEIGHT),
                  conv.bias() ? node.values(BIAS) : new double[conv.outputs()]));
      default -> Optional.empty();
    };
  }

  Node node() {
    Layer layer =
        kernel == null
            ? new DenseLayer(activation, hasBias, inputs, outputs)
            : new ConvLayer(activation, hasBias, inputs, outputs, kernel);
    Shape shape =
        kernel == null
            ? Shape.of(outputs, inputs)
            : Shape.of(outputs, inputs, kernel.kernel().getFirst(), kernel.kernel().getLast());
    var tensors = new LinkedHashMap<String, Tensor>();
    tensors.put(WEIGHT, Tensor.of(shape, weight));
    if (hasBias) {
      tensors.put(BIAS, Tensor.of(Shape.of(outputs), bias));
    }
    return Node.of(layer, tensors);
  }

  /** Returns the number of elements of a row or a window. */
  int width() {
    return weight.length / outputs;
  }

  boolean isLinear() {
    return activation.equals(Activations.IDENTITY);
  }

  Linear withActivation(Activation other) {
    return new Linear(kernel, other, inputs, outputs, hasBias, weight, bias);
  }

  /** Returns whether this layer sees, at each place, exactly one place of the layer before it. */
  private boolean isPointwise() {
    return kernel == null
        || (kernel.kernel().equals(POINTWISE.kernel())
            && kernel.padding().equals(POINTWISE.padding()));
  }

  /** Returns whether this layer maps the outputs of another one alone, place by place. */
  boolean mapsOutputsOf(Linear before) {
    return (kernel == null) == (before.kernel == null) && inputs == before.outputs && isPointwise();
  }

  /** Returns the kernel of this layer, seen from the input of the one before it. */
  @Nullable Kernel kernelFrom(Linear before) {
    if (kernel == null || before.kernel == null) {
      return null;
    }
    List<Integer> stride =
        List.of(
            before.kernel.stride().getFirst() * kernel.stride().getFirst(),
            before.kernel.stride().getLast() * kernel.stride().getLast());
    return new Kernel(before.kernel.kernel(), stride, before.kernel.padding());
  }

  /**
   * Returns whether this layer can take in a linear one before it: a map of each place that a
   * border of zeros does not disturb.
   */
  boolean takesIn(Linear before) {
    return (kernel == null) == (before.kernel == null)
        && inputs == before.outputs
        && before.isLinear()
        && !before.hasBias
        && before.isPointwise()
        && (before.kernel == null || before.kernel.stride().equals(POINTWISE.stride()));
  }

  /** Returns the layer that does what {@code before}, which it takes in, and this one do. */
  Linear after(Linear before) {
    int places = width() / inputs;
    double[] product = new double[outputs * before.inputs * places];
    for (int i = 0; i < outputs; i++) {
      for (int c = 0; c < inputs; c++) {
        for (int m = 0; m < before.inputs; m++) {
          double factor = before.weight[c * before.inputs + m];
          for (int at = 0; at < places; at++) {
            product[(i * before.inputs + m) * places + at] +=
                weight[(i * inputs + c) * places + at] * factor;
          }
        }
      }
    }
    return new Linear(kernel, activation, before.inputs, outputs, hasBias, product, bias);
  }
}
