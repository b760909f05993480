package io.measureflow.api.program;

import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/**
 * A computation on tensors of static shape, which a backend compiles and runs many times.
 *
 * <p>A run reads the inputs and the states, executes the instructions in order, and yields the
 * outputs. All computing instructions precede all updates, so every computed value sees the states
 * as they were when the run began. {@link ProgramBuilder} guarantees this and drops whatever no
 * output and no update needs.
 *
 * @param name what the program does, for messages and profiles
 * @param inputs values that the caller writes before each run
 * @param states values that stay on the device from run to run, bound by name across the programs
 *     of one workspace
 * @param instructions ordered so that every operand is assigned before it is read
 * @param outputs values that the caller reads after each run, by name
 */
public record Program(
    String name,
    List<Value> inputs,
    List<Value> states,
    List<Instruction> instructions,
    SequencedMap<String, Value> outputs) {

  /** One instruction per line, for display. */
  @Override
  public String toString() {
    return "program "
        + name
        + " inputs "
        + inputs
        + " states "
        + states
        + "\n"
        + instructions.stream().map(i -> "  " + i + "\n").collect(Collectors.joining())
        + "  return "
        + outputs;
  }
}
