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
 * A layer: its widths, its parameters, and how it writes its output into a program. Immutable, and
 * equal to another of the same description; the values of its parameters belong to the model. A
 * {@link LayerType} makes layers from descriptions.
 */
public interface Layer {

  /** The name of its {@link LayerType}, as in checkpoints: {@code gm}. */
  String type();

  /** d, the width of the rows that it takes. */
  int inputs();

  /** p, the width of the rows that it gives. */
  int outputs();

  /**
   * Its description besides the type, as in checkpoints, widths included: what {@link
   * LayerType#layer} makes an equal layer from. Values are texts, whole numbers and booleans.
   */
  SequencedMap<String, Object> attributes();

  /** All parameters in the order of the checkpoint. */
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
   * uncertainty of a prediction that draws one neuron, M times that of one that averages M.
   *
   * @param x [B, inputs]
   * @return [B, outputs]; zeros for a layer that is no measure
   * @throws InvalidRequestException if its family is not Gaussian
   */
  default Value variance(ProgramBuilder program, Value x, NamedValues parameters) {
    return program.constant(0, Shape.of(x.shape().dimension(0), outputs()));
  }

  /**
   * Writes the second moment of the layer's measure, sum_k pi_k (|mu_k|^2 + tr Sigma_k), a scalar;
   * 0 for a layer that is no measure.
   *
   * @throws InvalidRequestException if its family is not Gaussian
   */
  default Value secondMoment(ProgramBuilder program, NamedValues parameters) {
    return program.constant(0);
  }

  /**
   * Writes sum_k pi_k log det Sigma_k, a scalar: twice the entropy of the components but for a
   * constant; 0 for a layer that is no measure.
   *
   * @throws InvalidRequestException if its family is not Gaussian or its components have no spread
   */
  default Value logDeterminant(ProgramBuilder program, NamedValues parameters) {
    return program.constant(0);
  }

  /**
   * Writes the factor by which the gradient of a parameter is multiplied to become the gradient of
   * the geometry in which the layer is trained: 1/(pi_k metric) for a mixture under the Wasserstein
   * metric (docs/mathematics.md, section 5, equation 2), 1 for ordinary weights.
   *
   * @return a scalar, or one number per entry of the parameter's first dimension
   */
  default Value gradientScale(
      ProgramBuilder program, ParameterSpec parameter, NamedValues parameters) {
    return program.constant(1);
  }

  /** The step of the Wasserstein gradient flow that trains it well where none is named. */
  default double usualLearningRate() {
    return 0.1;
  }

  /** A short text for people, between the widths: {@code 64 diagonal relu}. */
  default String summary() {
    return type();
  }
}
