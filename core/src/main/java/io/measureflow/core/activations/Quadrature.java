package io.measureflow.core.activations;

import io.measureflow.api.activation.SmoothActivation;

/** The number of nodes of a quadrature as the parameter of an activation. */
final class Quadrature {

  private Quadrature() {}

  /** Returns the key of an activation with this number of nodes. */
  static String key(String name, int nodes) {
    return nodes == SmoothActivation.DEFAULT_NODES ? name : name + "(" + nodes + ")";
  }

  /** Converts a parameter to a number of nodes. */
  static int nodes(double parameter) {
    int nodes = (int) parameter;
    if (nodes != parameter || nodes < 1 || nodes > SmoothActivation.MAX_NODES) {
      throw new IllegalArgumentException(
          "expected a number of quadrature nodes from 1 to "
              + SmoothActivation.MAX_NODES
              + ", found "
              + parameter);
    }
    return nodes;
  }
}
