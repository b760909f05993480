package io.measureflow.core.flows;

import io.measureflow.api.flow.Flow;

/**
 * Gradient descent with heavy-ball momentum, on the lifted coordinates, with the Wasserstein
 * gradient.
 *
 * @param momentum the fraction of the velocity kept at each step, from 0 to below 1
 */
public record Momentum(double momentum) implements HeavyBall {

  /** Creates the flow with a momentum of 0.9. */
  public Momentum() {
    this(0.9);
  }

  /**
   * Checks the option.
   *
   * @throws IllegalArgumentException if it is not from 0 to below 1
   */
  public Momentum {
    Options.requireFraction("momentum", momentum);
  }

  /** Returns the flow with a momentum of 0.9. */
  public static Momentum of() {
    return new Momentum();
  }

  /** Returns a copy with another {@code momentum}, from 0 to below 1. */
  public Momentum momentum(double value) {
    return new Momentum(value);
  }

  @Override
  public String name() {
    return "momentum";
  }

  @Override
  public Flow withOption(String option, double value) {
    Options.requireKnown(this, option);
    return new Momentum(value);
  }

  @Override
  public boolean looksAhead() {
    return false;
  }
}
