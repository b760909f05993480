package io.measureflow.api.model;

import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.program.NamedValues;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;
import java.util.List;

/** A layer that can write itself into a program. */
public interface Layer {

  /** The description from which it was made. */
  LayerSpec spec();

  /** All parameters in the order of the checkpoint. */
  List<ParameterSpec> parameters();

  /**
   * Writes the layer's output.
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
   * @throws io.measureflow.api.error.InvalidRequestException if its family is not Gaussian
   */
  Value variance(ProgramBuilder program, Value x, NamedValues parameters);

  /**
   * Writes the second moment of the layer's measure, sum_k pi_k (|mu_k|^2 + tr Sigma_k), a scalar;
   * 0 for a layer that is no measure.
   *
   * @throws io.measureflow.api.error.InvalidRequestException if its family is not Gaussian
   */
  Value secondMoment(ProgramBuilder program, NamedValues parameters);

  /**
   * Writes sum_k pi_k log det Sigma_k, a scalar: twice the entropy of the components but for a
   * constant; 0 for a layer that is no measure.
   *
   * @throws io.measureflow.api.error.InvalidRequestException if its family is not Gaussian or its
   *     components have no spread
   */
  Value logDeterminant(ProgramBuilder program, NamedValues parameters);

  /**
   * Writes the factor by which the gradient of a parameter is multiplied to become the gradient of
   * the geometry in which the layer is trained: 1/(pi_k metric) for a mixture under the Wasserstein
   * metric (docs/mathematics.md, section 5, equation 2), 1 for ordinary weights.
   *
   * @return a scalar, or one number per entry of the parameter's first dimension
   */
  Value gradientScale(ProgramBuilder program, ParameterSpec parameter, NamedValues parameters);
}
