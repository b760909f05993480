package io.measureflow.api.model;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.program.NamedValues;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.List;
import java.util.SequencedMap;

/**
 * A layer: its widths, its parameters, and how it writes its output into a program. Immutable;
 * layers with the same description are equal. The values of the parameters belong to the model. A
 * {@link LayerType} makes layers from descriptions.
 */
public interface Layer {

  /** Returns the name of its {@link LayerType}, as in checkpoints: {@code gm}. */
  String type();

  /** d, the width of its input rows. */
  int inputs();

  /** p, the width of its output rows. */
  int outputs();

  /**
   * Returns its description as in checkpoints, without the type but with the widths. {@link
   * LayerType#layer} makes an equal layer from it. Values are strings, integers and booleans.
   */
  SequencedMap<String, Object> attributes();

  /** Returns all parameters in checkpoint order. */
  List<ParameterSpec> parameters();

  /**
   * Writes the output.
   *
   * @param x [B, inputs]
   * @param parameters the values of {@link #parameters} by name
   * @return [B, outputs]
   */
  Value output(ProgramBuilder program, Value x, NamedValues parameters);

  /**
   * Writes the variance of each output under the layer's own measure, Var_rho[a sigma(w.x)]: the
   * variance of a prediction from one sampled neuron, or M times that from the mean of M.
   *
   * @param x [B, inputs]
   * @return [B, outputs]; zeros for a layer without a measure
   * @throws InvalidRequestException if its family is not Gaussian
   */
  default Value variance(ProgramBuilder program, Value x, NamedValues parameters) {
    return program.constant(0, Shape.of(x.shape().dimension(0), outputs()));
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

  /** Returns the default learning rate of the Wasserstein gradient flow for this layer. */
  default double defaultLearningRate() {
    return 0.1;
  }

  /** Returns a short description for display, between the widths: {@code 64 diagonal relu}. */
  default String summary() {
    return type();
  }
}
