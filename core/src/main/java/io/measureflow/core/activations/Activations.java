package io.measureflow.core.activations;

import io.measureflow.api.activation.Activation;

/**
 * The activations used most in programs. All are found by name: {@link Activation#of(String,
 * io.measureflow.api.registry.Extensions, String)}.
 */
public final class Activations {

  /** sigma(z) = z. */
  public static final Activation IDENTITY = new Identity();

  /** sigma(z) = max(z, 0). */
  public static final Activation RELU = new Relu();

  private Activations() {}
}
