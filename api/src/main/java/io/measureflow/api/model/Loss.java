package io.measureflow.api.model;

import io.measureflow.api.data.DatasetRequest.TargetKind;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;
import io.measureflow.api.registry.Kind;

/**
 * A loss, averaged over the batch. Implementations are found by {@link java.util.ServiceLoader} and
 * have a public constructor without parameters; losses with the same name are equal.
 */
public interface Loss {

  /** Losses are found by name. */
  Kind<Loss> KIND = Kind.of(Loss.class, "loss", "losses", Loss::name);

  /** Returns the name in configurations, lower case: {@code softmax_cross_entropy}. */
  String name();

  /**
   * Returns the kind of target: {@code CLASSES} for labels [B], {@code REAL} for targets [B, p].
   */
  TargetKind target();

  /**
   * Writes the mean loss of a batch.
   *
   * @param output the outputs of the model, [B, p]
   * @param target integer labels [B], or real targets [B, p]
   * @return a scalar
   */
  Value value(ProgramBuilder program, Value output, Value target);
}
