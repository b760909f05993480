package io.measureflow.api.measure;

import io.measureflow.api.program.Value;
import io.measureflow.api.registry.Kind;
import java.util.List;

/**
 * A parametric family of measures on neurons theta = (a, w), from which a mixture layer takes its
 * components (docs/mathematics.md, sections 1 and 2) [chewi2025].
 *
 * <p>A family declares the parameters of a component and writes the output of the mixture as
 * operations; gradients, flows and backends follow from that. A family of Gaussians implements
 * {@link GaussianFamily}, which adds functionals, distances, sampling and predictive variances.
 * Implementations are found by {@link java.util.ServiceLoader} and have a public constructor
 * without parameters.
 */
public interface Family {

  /** Families are found by name. */
  Kind<Family> KIND = Kind.of(Family.class, "family", "families", Family::name);

  /** Returns the name in configurations and checkpoints, lower case: {@code diagonal}. */
  String name();

  /** Returns how the rank of a component's factor is chosen. */
  default RankRule rankRule() {
    return RankRule.NONE;
  }

  /**
   * Returns the parameters of the mixture in checkpoint order. {@code log_weights} belongs to the
   * layer and is not among them.
   */
  List<ParameterSpec> parameters(ComponentSize size);

  /**
   * Writes the output of the layer, sum_k pi_k E_k[a sigma(w.x)], of shape [B, p].
   *
   * @return the output
   */
  Value output(Operands operands);

  /** How the rank of a component's factor is chosen. */
  enum RankRule {
    /** Components have no factor. */
    NONE,
    /** Any rank of at least 1, given in the description of the layer. */
    FREE,
    /** The full rank n + p. */
    WHOLE
  }
}
