package io.measureflow.api.activation;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;
import io.measureflow.api.registry.Extensions;
import io.measureflow.api.registry.Kind;
import java.util.List;

/**
 * An activation function sigma, given by its Gaussian moments (docs/mathematics.md, section 3).
 *
 * <p>For z ~ N(m, v) the moment of order j is G_j(m, v) = E[sigma^(j)(z)], with dG_j/dm = G_{j+1}
 * and dG_j/dv = G_{j+2}/2 [bonnet1964, price1958]; at v = 0 it is sigma^(j)(m), where a jump takes
 * the mean of its two sides. Moments are written with operations, so an activation runs on every
 * backend. A function without a closed form implements {@link SmoothActivation}, which integrates
 * numerically. Implementations are found by {@link java.util.ServiceLoader} and have a public
 * constructor without parameters.
 *
 * <p>Families call {@link #moment} and {@link #derivative}; implementations provide the methods
 * whose names begin with {@code write}.
 */
public interface Activation {

  /** Activations are found by the name before the parenthesis of their key. */
  Kind<Activation> KIND = Kind.of(Activation.class, "activation", "activations", Activation::key);

  /**
   * Finds the activation of a key: {@code relu}, or {@code leaky_relu(0.2)} with a parameter.
   *
   * @param where the place that names it, for messages
   * @throws InvalidRequestException if no activation has this name, or the parameter is invalid
   */
  static Activation of(String key, Extensions extensions, String where) {
    int parenthesis = key.endsWith(")") ? key.indexOf('(') : -1;
    String name = (parenthesis < 0 ? key : key.substring(0, parenthesis)).strip();
    Activation activation = extensions.of(KIND).get(name, where);
    if (parenthesis < 0) {
      return activation;
    }
    String parameter = key.substring(parenthesis + 1, key.length() - 1).strip();
    try {
      return activation.withParameter(Double.parseDouble(parameter));
    } catch (NumberFormatException e) {
      throw new InvalidRequestException(
          where + ": expected a number in parentheses, found '" + key + "'. Correct it.", e);
    } catch (IllegalArgumentException e) {
      throw new InvalidRequestException(
          where + ", " + name + ": " + e.getMessage() + ". Correct the parameter.", e);
    }
  }

  /** The highest order of a moment: reverse mode through G_1 asks for G_3. */
  int MAX_ORDER = 3;

  /**
   * Returns the name in configurations and checkpoints, lower case: {@code relu}; followed by the
   * parameter in parentheses if it differs from the default: {@code leaky_relu(0.2)}.
   */
  String key();

  /**
   * Returns this activation with another parameter, the number in parentheses in its {@link #key}.
   *
   * @throws IllegalArgumentException if it takes no parameter, or not this value; the message says
   *     what was expected
   */
  default Activation withParameter(double parameter) {
    throw new IllegalArgumentException("expected no parameter, found " + parameter);
  }

  /**
   * Writes sigma^(order)(z), elementwise.
   *
   * @param order from 0 to {@link #MAX_ORDER}
   */
  Value writeDerivative(ProgramBuilder program, Value z, int order);

  /**
   * Writes G_order(mean, variance), elementwise, for two values of equal shape. For finite means
   * and variances of at least 0 it must not be NaN.
   *
   * @param order from 0 to {@link #MAX_ORDER}
   */
  Value writeMoment(ProgramBuilder program, Value mean, Value variance, int order);

  /**
   * Writes E[(sigma^2)^(order)(z)], elementwise, from which the variance of a layer's output under
   * its own measure is computed.
   *
   * @param order from 0 to 2
   */
  Value writeSquareMoment(ProgramBuilder program, Value mean, Value variance, int order);

  /**
   * Writes dG_order/dv, elementwise: G_(order+2)/2 by [price1958], unless what is written for the
   * moment has another derivative.
   *
   * @param order 0 or 1
   */
  default Value writeVarianceDerivative(
      ProgramBuilder program, Value mean, Value variance, int order) {
    return program.affine(moment(program, mean, variance, order + 2), 0.5, 0);
  }

  /** Writes the moment G_order(mean, variance) once, with its derivatives. */
  default Value moment(ProgramBuilder program, Value mean, Value variance, int order) {
    requireOrder(order, MAX_ORDER);
    return program.function(
        List.of("moment", key(), order, mean, variance),
        () -> writeMoment(program, mean, variance, order),
        List.of(
            new ProgramBuilder.Partial(mean, () -> moment(program, mean, variance, order + 1)),
            new ProgramBuilder.Partial(
                variance, () -> writeVarianceDerivative(program, mean, variance, order))));
  }

  /** Writes the derivative sigma^(order)(z) once; its gradient is the next derivative. */
  default Value derivative(ProgramBuilder program, Value z, int order) {
    requireOrder(order, MAX_ORDER);
    return program.function(
        List.of("derivative", key(), order, z),
        () -> writeDerivative(program, z, order),
        List.of(new ProgramBuilder.Partial(z, () -> derivative(program, z, order + 1))));
  }

  /** Writes the moment E[(sigma^2)^(order)(z)] once. */
  default Value squareMoment(ProgramBuilder program, Value mean, Value variance, int order) {
    requireOrder(order, 2);
    return program.function(
        List.of("square moment", key(), order, mean, variance),
        () -> writeSquareMoment(program, mean, variance, order),
        List.of());
  }

  private void requireOrder(int order, int maximum) {
    if (order < 0 || order > maximum) {
      throw new IllegalArgumentException(
          "Activation " + key() + ": expected an order from 0 to " + maximum + ", found " + order);
    }
  }
}
