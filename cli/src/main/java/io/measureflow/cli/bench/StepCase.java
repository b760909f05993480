package io.measureflow.cli.bench;

import io.measureflow.api.measure.Family;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.layers.MixtureLayer;
import java.util.List;
import java.util.Locale;

/**
 * A step that is timed.
 *
 * @param label what its line begins with
 * @param model what it trains
 */
record StepCase(String label, ModelSpec model) {

  /** The step of one mixture layer (relu, without bias). */
  static StepCase of(Family family, int components, Sizes sizes) {
    return new StepCase(
        String.format(Locale.ROOT, "%-10s K=%-5d", family.name(), components),
        new ModelSpec(
            List.of(
                new MixtureLayer(
                    family,
                    Activations.RELU,
                    false,
                    sizes.inputs(),
                    sizes.outputs(),
                    components,
                    family.rankRule() == Family.RankRule.FREE ? sizes.rank() : 0))));
  }
}
