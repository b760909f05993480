package io.measureflow.core.config;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.measure.Family;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.LayerSpec;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.core.families.Families;
import io.measureflow.core.layers.Layers;
import java.util.List;
import java.util.OptionalInt;

/**
 * The section {@code model}: which model to train, apart from its width, which the data decide.
 *
 * @param family the name of the family of components
 * @param components K
 * @param rank r; empty: what suits the family
 * @param activation sigma of mixture layers
 * @param bias whether mixture layers see a constant 1
 * @param layers a stack in the short form described in {@code reference.conf}; empty: a single
 *     layer
 */
public record ModelConfig(
    String family,
    int components,
    OptionalInt rank,
    Activation activation,
    boolean bias,
    List<String> layers) {

  private static final int USUAL_RANK = 4;

  /** Copies the list. */
  public ModelConfig {
    layers = List.copyOf(layers);
  }

  /**
   * The model for data of these widths.
   *
   * @param families where the names of families are looked up
   * @throws InvalidRequestException if a layer is malformed or names an unknown family, or two
   *     neighbours do not fit
   */
  public ModelSpec spec(Families families, int inputs, int outputs) {
    try {
      var spec =
          new ModelSpec(
              layers.isEmpty()
                  ? List.of(
                      new LayerSpec.GaussianMixture(
                          families.get(family),
                          activation,
                          bias,
                          inputs,
                          outputs,
                          components,
                          rankOf(families.get(family))))
                  : LayerSyntax.parse(layers, this, families, inputs, outputs));
      Layers.of(spec).forEach(Layer::parameters);
      return Layers.canonical(spec);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new InvalidRequestException(
          RunConfig.ROOT + ".model: " + e.getMessage() + ". Choose smaller layers.", e);
    }
  }

  int rankOf(Family ofFamily) {
    return rank.orElseGet(() -> ofFamily.rankRule() == Family.RankRule.FREE ? USUAL_RANK : 0);
  }
}
