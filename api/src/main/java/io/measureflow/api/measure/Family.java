package io.measureflow.api.measure;

import io.measureflow.api.program.Value;
import java.util.List;

/**
 * A parametric family of measures on neurons theta = (a, w), from which a mixture layer takes its
 * components (specification, sections 1 and 2; Chewi, Rigollet and Yan, arXiv 2508.04883).
 *
 * <p>A family says which parameters a component has and writes the output of the mixture once, as
 * operations; gradients, flows and backends follow from that. Implementations are found by {@link
 * java.util.ServiceLoader} and have a public constructor without parameters.
 */
public interface Family {

  /** The name in configurations and checkpoints, lower case: {@code diagonal}. */
  String name();

  /** Whether components have a factor, so that {@link ComponentSize#rank} must be at least 1. */
  default boolean hasRank() {
    return false;
  }

  /**
   * The parameters of the mixture in the order of the checkpoint. {@code log_weights} belongs to
   * the layer and is not among them.
   */
  List<ParameterSpec> parameters(ComponentSize size);

  /**
   * Writes the output of the layer, sum_k pi_k E_k[a sigma(w.x)], of shape [B, p].
   *
   * @return the output
   */
  Value output(Operands operands);
}
