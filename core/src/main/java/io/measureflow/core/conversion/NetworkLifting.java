package io.measureflow.core.conversion;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.measure.Family;
import io.measureflow.api.measure.GaussianFamily;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.core.families.Families;
import io.measureflow.core.layers.Kernel;
import io.measureflow.core.layers.MeasureLayer;
import io.measureflow.core.layers.MixtureConvLayer;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.model.Model;
import io.measureflow.core.reference.ReferenceBackendProvider;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Lifts a network layer by layer to measures of neurons (docs/mathematics.md, section 7.5). A dense
 * layer or a convolution with an activation sigma, written into the layer or standing behind it,
 * becomes a {@code gm} or {@code gm-conv} layer of one component for each of its neurons:
 *
 * <ul>
 *   <li>Batch normalizations behind a dense layer or a convolution are first folded into it.
 *   <li>If a linear layer follows that maps the outputs of the neurons alone, a dense layer or a
 *       1x1 convolution, it gives the output weights a and vanishes; one more neuron of constant
 *       value gives its bias.
 *   <li>Otherwise the output weights are the identity: neuron k puts out the k-th output.
 * </ul>
 *
 * Everything else stays. Without spread the predictions are the same.
 *
 * @param family {@code dirac}, {@code isotropic} or {@code diagonal}
 * @param spread the standard deviation of each coordinate of a neuron's w, relative to the root
 *     mean square of its coordinates; at least 0, and 0 for {@code dirac}
 */
public record NetworkLifting(Family family, double spread) {

  private static final String IN_STD = "in_std";
  private static final String LOG_WEIGHTS = "log_weights";
  private static final List<Family> FAMILIES =
      List.of(Families.DIRAC, Families.ISOTROPIC, Families.DIAGONAL);

  /**
   * @throws InvalidRequestException if the family is another one, or the spread does not suit it
   */
  public NetworkLifting {
    Family given = family;
    if (FAMILIES.stream().noneMatch(known -> known.name().equals(given.name()))) {
      throw InvalidRequestException.of(
          "family to lift to",
          String.join(", ", FAMILIES.stream().map(Family::name).toList()),
          family.name(),
          "Choose one of them.");
    }
    if (!(spread >= 0 && spread < Double.POSITIVE_INFINITY)) {
      throw InvalidRequestException.of(
          "spread", "a number of at least 0", String.valueOf(spread), "Correct the number.");
    }
    if (spread > 0 && isPoints(family)) {
      throw InvalidRequestException.of(
          "spread",
          "0 for family " + family.name() + ", whose components are points",
          String.valueOf(spread),
          "Choose the family isotropic or diagonal.");
    }
  }

  private static boolean isPoints(Family family) {
    return family.name().equals(Families.DIRAC.name());
  }

  /**
   * Lifts a model.
   *
   * @throws InvalidRequestException if it has no dense layer or convolution with an activation
   */
  public Model lift(Model network) {
    Model folded = Rewriting.of(network, new Folding(), "folded model");
    Model lifted = Rewriting.of(folded, this::lifted, "lifted model");
    if (measures(lifted) == measures(network)) {
      throw InvalidRequestException.of(
          "model to lift",
          "a dense layer or a convolution with an activation",
          network.spec().layers().toString(),
          "Only neurons sigma(w.x) become components of a measure.");
    }
    return lifted;
  }

  private static long measures(Model model) {
    return model.spec().byPath().values().stream().filter(MeasureLayer.class::isInstance).count();
  }

  private List<Node> lifted(Shape input, List<Node> nodes) {
    var lifted = new ArrayList<Node>();
    for (int i = 0; i < nodes.size(); i++) {
      Optional<Linear> neurons = Linear.of(nodes.get(i)).filter(linear -> !linear.isLinear());
      if (neurons.isEmpty()) {
        lifted.add(nodes.get(i));
        continue;
      }
      Linear hidden = neurons.get();
      Optional<Linear> output =
          i + 1 == nodes.size()
              ? Optional.empty()
              : Linear.of(nodes.get(i + 1))
                  .filter(next -> next.isLinear() && next.mapsOutputsOf(hidden));
      double constant =
          output.filter(NetworkLifting::hasShift).isPresent() ? atOne(hidden.activation()) : 1;
      if (output.isEmpty() || constant == 0) {
        lifted.add(measure(hidden, identity(hidden), hidden.kernel(), 1));
      } else {
        lifted.add(measure(hidden, output.get(), output.get().kernelFrom(hidden), constant));
        i++;
      }
    }
    return lifted;
  }

  private static Linear identity(Linear hidden) {
    int count = hidden.outputs();
    double[] weight = new double[count * count];
    for (int k = 0; k < count; k++) {
      weight[k * count + k] = 1;
    }
    return new Linear(null, hidden.activation(), count, count, false, weight, new double[count]);
  }

  private static boolean hasShift(Linear output) {
    return Arrays.stream(output.bias()).anyMatch(shift -> shift != 0);
  }

  /**
   * Makes the layer with a component for each neuron.
   *
   * @param output the map of the neurons to the outputs
   * @param kernel the kernel of the layer; null for one of rows
   * @param constant sigma(1), the value of a neuron that sees the bias alone
   */
  private Node measure(Linear hidden, Linear output, @Nullable Kernel kernel, double constant) {
    boolean shifted = hasShift(output);
    boolean bias = hidden.hasBias() || shifted;
    int neurons = hidden.outputs();
    int count = shifted ? neurons + 1 : neurons;
    int features = hidden.width();
    int inputs = bias ? features + 1 : features;
    int outputs = output.outputs();

    // Each component has weight 1/count.
    double[] outMean = new double[count * outputs];
    double[] inMean = new double[count * inputs];
    double[] std = new double[count];
    for (int k = 0; k < neurons; k++) {
      for (int i = 0; i < outputs; i++) {
        outMean[k * outputs + i] = count * output.weight()[i * neurons + k];
      }
      System.arraycopy(hidden.weight(), k * features, inMean, k * inputs, features);
      if (hidden.hasBias()) {
        inMean[k * inputs + features] = hidden.bias()[k];
      }
      std[k] = spread * rootMeanSquare(inMean, k * inputs, inputs);
    }
    if (shifted) {
      for (int i = 0; i < outputs; i++) {
        outMean[neurons * outputs + i] = count * output.bias()[i] / constant;
      }
      inMean[neurons * inputs + features] = 1;
    }

    var tensors = new LinkedHashMap<String, Tensor>();
    tensors.put(GaussianFamily.OUT_MEAN, Tensor.of(Shape.of(count, outputs), outMean));
    tensors.put(GaussianFamily.IN_MEAN, Tensor.of(Shape.of(count, inputs), inMean));
    tensors.put(LOG_WEIGHTS, Tensor.of(Shape.of(count), new double[count]));
    if (family.name().equals(Families.ISOTROPIC.name())) {
      tensors.put(IN_STD, Tensor.of(Shape.of(count), std));
    } else if (family.name().equals(Families.DIAGONAL.name())) {
      double[] each =
          IntStream.range(0, count * inputs).mapToDouble(at -> std[at / inputs]).toArray();
      tensors.put(IN_STD, Tensor.of(Shape.of(count, inputs), each));
    }
    var mixture = new MixtureLayer(family, hidden.activation(), bias, features, outputs, count, 0);
    return Node.of(
        kernel == null ? mixture : new MixtureConvLayer(mixture, hidden.inputs(), kernel), tensors);
  }

  private static double rootMeanSquare(double[] values, int from, int count) {
    double sum = 0;
    for (int j = from; j < from + count; j++) {
      sum += values[j] * values[j];
    }
    return Math.sqrt(sum / count);
  }

  /** Returns sigma(1). */
  private static double atOne(Activation activation) {
    var program = new ProgramBuilder("activation at 1");
    program.output("value", activation.derivative(program, program.constant(1, Shape.of(1)), 0));
    try (var backend =
            new ReferenceBackendProvider().open(BackendSettings.of(1, Precision.FLOAT64));
        var workspace = backend.newWorkspace();
        Executable executable = workspace.compile(program.build())) {
      executable.run();
      return executable.output("value").get(0);
    }
  }
}
