package io.measureflow.api.model;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.program.NamedValues;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * A layer: the shapes that it maps, its parameters, and how it writes its output into a program.
 * Immutable; layers with the same description are equal. The values of the parameters belong to the
 * model. A {@link LayerType} makes layers from descriptions.
 */
public interface Layer {

  /** Returns the name of its {@link LayerType}, as in checkpoints: {@code gm}. */
  String type();

  /**
   * Returns the shape of a sample of the output: [p], [T, p] or [C, H, W].
   *
   * @param input the shape of a sample of the input
   * @throws IllegalArgumentException if the layer does not take this shape, with the one that it
   *     expects
   */
  Shape outputShape(Shape input);

  /**
   * Returns the shape of the input where the layer tells it by itself, as layers of rows of a given
   * width do: [d]. A model that begins with such a layer need not say the shape of its input.
   */
  default Optional<Shape> inputShape() {
    return Optional.empty();
  }

  /**
   * Returns its description as in checkpoints, without the type but with the widths. {@link
   * LayerType#layer} makes an equal layer from it. Values are strings, numbers, booleans, lists of
   * integers and lists of layers. By default there is nothing to describe.
   */
  default SequencedMap<String, Object> attributes() {
    return Collections.unmodifiableSequencedMap(new LinkedHashMap<>());
  }

  /** Returns its own parameters and running statistics in checkpoint order; none by default. */
  default List<ParameterSpec> parameters() {
    return List.of();
  }

  /**
   * Returns the layers within this one by their paths, {@code layers.0} and so on, in checkpoint
   * order. Their parameters are not among {@link #parameters}.
   */
  default SequencedMap<String, Layer> within() {
    return Collections.unmodifiableSequencedMap(new LinkedHashMap<>());
  }

  /**
   * Writes the output.
   *
   * @param context the program, the values of {@link #parameters}, and whether this is training
   * @param x samples of a shape that {@link #outputShape} accepts
   * @return samples of the shape that {@link #outputShape} returns
   */
  SampleBatch output(LayerContext context, SampleBatch x);

  /**
   * Writes the variance of each output under the layer's own measure, Var_rho[a sigma(w.x)]: the
   * variance of a prediction from one sampled neuron, or M times that from the mean of M.
   *
   * @param x as in {@link #output}
   * @return of the shape of the output; zeros for a layer without a measure
   * @throws InvalidRequestException if its family is not Gaussian
   */
  default SampleBatch variance(LayerContext context, SampleBatch x) {
    Shape shape = outputShape(x.sample());
    return SampleBatch.ofRows(
        context.program(), context.program().constant(0, Shape.of(x.size(), shape.size())), shape);
  }

  /**
   * Writes the second moment of the layer's measure, sum_k pi_k (|mu_k|^2 + tr Sigma_k), a scalar;
   * 0 for a layer without a measure.
   *
   * @throws InvalidRequestException if its family is not Gaussian
   */
  default Value secondMoment(ProgramBuilder program, NamedValues parameters) {
    return program.constant(0);
  }

  /**
   * Writes sum_k pi_k log det Sigma_k, a scalar: twice the entropy of the components up to a
   * constant; 0 for a layer without a measure.
   *
   * @throws InvalidRequestException if its family is not Gaussian or its components have no spread
   */
  default Value logDeterminant(ProgramBuilder program, NamedValues parameters) {
    return program.constant(0);
  }

  /**
   * Writes the factor that turns the gradient of a parameter into the gradient of the geometry in
   * which the layer is trained: 1/(pi_k metric) for a mixture under the Wasserstein metric
   * (docs/mathematics.md, section 5, equation 2), 1 for ordinary weights.
   *
   * @return a scalar, or one number per entry of the parameter's first dimension
   */
  default Value gradientScale(
      ProgramBuilder program, ParameterSpec parameter, NamedValues parameters) {
    return program.constant(1);
  }

  /**
   * Returns whether weight decay applies to a parameter where a run leaves that to its layers: to
   * matrices and kernels, not to biases and the factors of norms.
   */
  default boolean decays(ParameterSpec parameter) {
    return parameter.shape().rank() > 1;
  }

  /** Returns the default learning rate of the Wasserstein gradient flow for this layer. */
  default double defaultLearningRate() {
    return 0.1;
  }

  /** Returns a short description for display, between the widths: {@code 64 diagonal relu}. */
  default String summary() {
    return type();
  }
}
