package io.measureflow.experiments.comparison;

import io.measureflow.api.measure.Family;
import io.measureflow.api.measure.Role;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.families.Families;
import io.measureflow.core.layers.MixtureLayer;

/** Sizes of single mixture layers with a bias, counted in trained parameters. */
final class Widths {

  private Widths() {}

  /** The number of parameters that are trained: means and spread, not the fixed weights. */
  static long parameters(Family family, int inputs, int outputs, int components, int rank) {
    return new MixtureLayer(family, Activations.RELU, true, inputs, outputs, components, rank)
        .parameters().stream()
            .filter(parameter -> !parameter.role().equals(Role.WEIGHTS))
            .mapToLong(parameter -> parameter.shape().size())
            .sum();
  }

  /** The width of the fully connected layer with the same number of parameters, rounded. */
  static int ofEqualParameters(Family family, int inputs, int outputs, int components, int rank) {
    long own = parameters(family, inputs, outputs, components, rank);
    long each = parameters(Families.DIRAC, inputs, outputs, 1, 0);
    return Math.toIntExact(Math.max(1, Math.round((double) own / each)));
  }
}
