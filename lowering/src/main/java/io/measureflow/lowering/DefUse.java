package io.measureflow.lowering;

import io.measureflow.api.program.Instruction;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Def-use chains: the instruction that assigns a value, and those that read it. */
final class DefUse {

  private final Map<Value, Instruction> definitions = new HashMap<>();
  private final Map<Value, List<Instruction>> readers = new HashMap<>();
  private final Set<Value> outputs;

  DefUse(Program program) {
    outputs = new HashSet<>(program.outputs().values());
    for (Instruction instruction : program.instructions()) {
      instruction.outputs().forEach(value -> definitions.put(value, instruction));
      Set.copyOf(instruction.op().inputs())
          .forEach(
              value -> readers.computeIfAbsent(value, v -> new ArrayList<>()).add(instruction));
    }
  }

  /** The instruction that assigns the value; null for inputs and states. */
  @Nullable Instruction definition(Value value) {
    return definitions.get(value);
  }

  /** Returns the instructions that read the value. */
  List<Instruction> readers(Value value) {
    return readers.getOrDefault(value, List.of());
  }

  /** Returns whether the value is an output of the program. */
  boolean isOutput(Value value) {
    return outputs.contains(value);
  }

  /** Returns whether the value is read exactly once and is not an output. */
  boolean isReadOnce(Value value) {
    return readers(value).size() == 1 && !outputs.contains(value);
  }

  /**
   * Returns whether a value is a square of elements that products alone read, so that they square
   * the elements themselves.
   */
  boolean isSquareForProducts(Value value) {
    Value source = squareOf(value);
    return source != null
        && !outputs.contains(value)
        && squareOf(source) == null
        && readers(value).stream().allMatch(reader -> reader.op() instanceof Op.MatMul);
  }

  /** Returns the value whose elements this one squares; null if it is no square. */
  @Nullable Value squareOf(Value value) {
    Instruction definition = definition(value);
    return definition != null
            && definition.op() instanceof Op.Unary op
            && op.function() == Op.UnaryFunction.SQUARE
        ? op.a()
        : null;
  }

  /**
   * Returns whether a value may share the memory of a state, which other updates may have changed
   * before an update reads it.
   */
  boolean comesFromState(Value value, Set<Value> states) {
    Value at = value;
    while (!states.contains(at)) {
      Instruction definition = definition(at);
      if (definition == null) {
        return false;
      }
      if (definition.op() instanceof Op.Permute op) {
        at = op.a();
      } else if (definition.op() instanceof Op.Reshape op) {
        at = op.a();
      } else if (definition.op() instanceof Op.Unary op) {
        at = op.a(); // Products may square while they read.
      } else {
        return false;
      }
    }
    return true;
  }

  /**
   * Returns whether the value, also when reshaped or permuted, is only read by computations, all of
   * which run before the first state changes.
   */
  boolean isReadBeforeUpdates(Value value) {
    return !outputs.contains(value)
        && readers(value).stream()
            .allMatch(
                reader ->
                    !(reader.op() instanceof Op.Update)
                        && (!(reader.op() instanceof Op.Reshape
                                || reader.op() instanceof Op.Permute)
                            || isReadBeforeUpdates(reader.outputs().getFirst())));
  }
}
