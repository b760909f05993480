package io.measureflow.core.inference;

import io.measureflow.api.program.Instruction;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A program split for constant parameters: values that depend on states alone are computed once and
 * kept in additional states; each run computes the rest.
 *
 * @param constants to be run once, after the states were written
 * @param main the program without the computations of {@code constants}, with the inputs and
 *     outputs of the original
 */
public record FrozenProgram(Program constants, Program main) {

  private static final String PREFIX = "frozen.";

  /**
   * Splits a program that updates nothing.
   *
   * @throws IllegalArgumentException if the program updates a state
   */
  public static FrozenProgram of(Program program) {
    Set<Value> constant = new HashSet<>(program.states());
    var once = new ArrayList<Instruction>();
    var rest = new ArrayList<Instruction>();
    for (Instruction instruction : program.instructions()) {
      Op op = instruction.op();
      if (op instanceof Op.Update) {
        throw new IllegalArgumentException(
            "Program " + program.name() + ": expected no updates, found " + op);
      }
      // Operations without operands cost nothing, and may serve both parts.
      boolean onStatesAlone = !op.inputs().isEmpty() && constant.containsAll(op.inputs());
      if (op.inputs().isEmpty()) {
        once.add(instruction);
        rest.add(instruction);
        constant.addAll(instruction.outputs());
      } else if (onStatesAlone) {
        once.add(instruction);
        constant.addAll(instruction.outputs());
      } else {
        rest.add(instruction);
      }
    }
    Map<Value, Value> kept = kept(program, once, rest);
    return new FrozenProgram(constants(program, once, kept), main(program, rest, kept));
  }

  /** Maps values that the rest reads, or that are outputs, to the state that keeps each. */
  private static Map<Value, Value> kept(
      Program program, List<Instruction> once, List<Instruction> rest) {
    Set<Value> computedOnce = new HashSet<>();
    for (Instruction instruction : once) {
      if (!instruction.op().inputs().isEmpty()) {
        computedOnce.addAll(instruction.outputs());
      }
    }
    var kept = new LinkedHashMap<Value, Value>();
    for (Instruction instruction : rest) {
      for (Value operand : instruction.op().inputs()) {
        if (computedOnce.contains(operand)) {
          kept.computeIfAbsent(operand, FrozenProgram::state);
        }
      }
    }
    for (Value output : program.outputs().values()) {
      if (computedOnce.contains(output)) {
        throw new IllegalArgumentException(
            "Program "
                + program.name()
                + ": expected outputs that depend on inputs, found "
                + output);
      }
    }
    return kept;
  }

  private static Value state(Value value) {
    return new Value(value.id(), value.kind(), value.shape(), PREFIX + value.id());
  }

  private static Program constants(
      Program program, List<Instruction> once, Map<Value, Value> kept) {
    var instructions = new ArrayList<>(once);
    var states = new ArrayList<>(program.states());
    int next =
        1
            + program.instructions().stream()
                .flatMap(i -> i.outputs().stream())
                .mapToInt(Value::id)
                .max()
                .orElse(0);
    for (Map.Entry<Value, Value> entry : kept.entrySet()) {
      Value target = entry.getValue();
      // A new id: in this program the original value may have the same.
      var state = new Value(next++, target.kind(), target.shape(), target.name());
      states.add(state);
      instructions.add(new Instruction(new Op.Assign(state, entry.getKey()), List.of()));
    }
    return new Program(
        program.name() + ", constants", List.of(), states, instructions, new LinkedHashMap<>());
  }

  private static Program main(Program program, List<Instruction> rest, Map<Value, Value> kept) {
    var instructions = new ArrayList<Instruction>();
    Set<Value> read = new HashSet<>();
    for (Instruction instruction : rest) {
      Op op = InputReplacement.of(instruction.op(), v -> kept.getOrDefault(v, v));
      read.addAll(op.inputs());
      instructions.add(new Instruction(op, instruction.outputs()));
    }
    var states = new ArrayList<>(program.states().stream().filter(read::contains).toList());
    states.addAll(kept.values());
    instructions.removeIf(
        i -> i.op().inputs().isEmpty() && i.outputs().stream().noneMatch(read::contains));
    return new Program(program.name(), program.inputs(), states, instructions, program.outputs());
  }
}
