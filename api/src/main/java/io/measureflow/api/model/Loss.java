package io.measureflow.api.model;

import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;
import java.util.Locale;

/** The losses that a model is trained under; each is averaged over the batch. */
public enum Loss {
  /** Softmax cross-entropy with integer labels [B]. */
  SOFTMAX_CROSS_ENTROPY {
    @Override
    public Value value(ProgramBuilder program, Value output, Value target) {
      return program.softmaxCrossEntropy(output, target);
    }
  },
  /** Half the squared Euclidean distance to real targets [B, p]. */
  HALF_SQUARED_ERROR {
    @Override
    public Value value(ProgramBuilder program, Value output, Value target) {
      return program.squaredError(output, target);
    }
  };

  /**
   * Writes the loss of a model's output [B, p] against its target.
   *
   * @return a scalar
   */
  public abstract Value value(ProgramBuilder program, Value output, Value target);

  /** The name in configurations: lower case. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
