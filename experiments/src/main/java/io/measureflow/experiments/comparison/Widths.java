package io.measureflow.experiments.comparison;

import io.measureflow.api.measure.Family;
import io.measureflow.api.measure.Role;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.families.Families;
import io.measureflow.core.layers.MixtureLayer;

/** Counts the trained parameters of mixture layers with bias. */
final class Widths {

  private Widths() {}

  /** Returns the number of trained parameters: means and spread, without the fixed weights. */
  static long parameters(Family family, int inputs, int outputs, int components, int rank) {
    return new MixtureLayer(family, Activations.RELU, true, inputs, outputs, components, rank)
        .parameters().stream()
            .filter(parameter -> !parameter.role().equals(Role.WEIGHTS))
            .mapToLong(parameter -> parameter.shape().size())
            .sum();
  }

  /** Returns the width of the dense layer with about as many trained parameters, at least 1. */
  static int ofEqualParameters(Family family, int inputs, int outputs, int components, int rank) {
    long own = parameters(family, inputs, outputs, components, rank);
    long each = parameters(Families.DIRAC, inputs, outputs, 1, 0);
    return Math.toIntExact(Math.max(1, Math.round((double) own / each)));
  }
}
