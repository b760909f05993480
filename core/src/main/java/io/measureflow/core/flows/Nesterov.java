package io.measureflow.core.flows;

import io.measureflow.api.flow.Flow;

/**
 * Gradient descent with Nesterov's momentum, on the lifted coordinates, with the Wasserstein
 * gradient.
 *
 * @param momentum the fraction of the velocity kept at each step, from 0 to below 1
 */
public record Nesterov(double momentum) implements HeavyBall {

  /** Creates the flow with a momentum of 0.9. */
  public Nesterov() {
    this(0.9);
  }

  /**
   * Checks the option.
   *
   * @throws IllegalArgumentException if it is not from 0 to below 1
   */
  public Nesterov {
    Options.requireFraction("momentum", momentum);
  }

  /** Returns the flow with a momentum of 0.9. */
  public static Nesterov of() {
    return new Nesterov();
  }

  /** Returns a copy with another {@code momentum}, from 0 to below 1. */
  public Nesterov momentum(double value) {
    return new Nesterov(value);
  }

  @Override
  public String name() {
    return "nesterov";
  }

  @Override
  public Flow withOption(String option, double value) {
    Options.requireKnown(this, option);
    return new Nesterov(value);
  }

  @Override
  public boolean looksAhead() {
    return true;
  }
}
