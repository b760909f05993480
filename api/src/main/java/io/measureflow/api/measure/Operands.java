package io.measureflow.api.measure;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.program.NamedValues;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;

/**
 * The values from which a family writes its output.
 *
 * @param program where the operations are written; the caller finishes the {@link Program}
 * @param input x [B, n], including the bias column, if any, as the last
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
   * Returns the parameter of a name.
   *
   * @throws IllegalArgumentException if the family declares no such parameter
   */
  public Value parameter(String name) {
    return parameters.get(name);
  }

  /** Writes the moment G_order(mean, variance) of the activation, elementwise. */
  public Value moment(Value mean, Value variance, int order) {
    return activation.moment(program, mean, variance, order);
  }
}
