package io.measureflow.api.model;

import io.measureflow.api.data.DatasetRequest.TargetKind;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;
import io.measureflow.api.registry.Kind;

/**
 * What a model is trained under, averaged over the batch. Implementations are found by {@link
 * java.util.ServiceLoader} and have a public constructor without parameters; they are equal when
 * their names are.
 */
public interface Loss {

  /** Losses are found by name. */
  Kind<Loss> KIND = Kind.of(Loss.class, "loss", "losses", Loss::name);

  /** The name in configurations, lower case: {@code softmax_cross_entropy}. */
  String name();

  /** What it compares with: {@code CLASSES} are labels [B], {@code REAL} are targets [B, p]. */
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
