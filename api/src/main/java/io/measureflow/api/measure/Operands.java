package io.measureflow.api.measure;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.program.NamedValues;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;

/**
 * What a family writes its output with.
 *
 * @param program where the operations go; the {@link Program} is finished by the caller
 * @param input x [B, n], with the bias column as its last where the layer has one
 * @param weights pi [K], the weights of the components, positive, of sum 1
 * @param parameters the family's parameters by name
 * @param activation sigma
 */
public record Operands(
    ProgramBuilder program,
    Value input,
    Value weights,
    NamedValues parameters,
    Activation activation) {

  /**
   * The parameter of this name.
   *
   * @throws IllegalArgumentException if the family declares none of this name
   */
  public Value parameter(String name) {
    return parameters.get(name);
  }

  /** The moment G_order(mean, variance) of the activation, elementwise. */
  public Value moment(Value mean, Value variance, int order) {
    return activation.moment(program, mean, variance, order);
  }
}
