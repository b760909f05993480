package io.measureflow.api.program;

import java.util.List;

/**
 * One step of a program: an operation and the values that it assigns, one per entry of {@link
 * Op#outputShapes()}; none for an update.
 */
public record Instruction(Op op, List<Value> outputs) {

  /** Copies the list of outputs. */
  public Instruction {
    outputs = List.copyOf(outputs);
  }

  @Override
  public String toString() {
    return outputs + " = " + op;
  }
}
