package io.measureflow.simd;

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
   * Returns whether the value, also when reshaped, is only read by computations, all of which run
   * before the first state changes.
   */
  boolean isReadBeforeUpdates(Value value) {
    return !outputs.contains(value)
        && readers(value).stream()
            .allMatch(
                reader ->
                    !(reader.op() instanceof Op.Update)
                        && (!(reader.op() instanceof Op.Reshape)
                            || isReadBeforeUpdates(reader.outputs().getFirst())));
  }

  /**
   * Returns whether an instruction reads a value only for products that use its transpose as right
   * factor and run before the first state changes.
   *
   * @param layout the layout of the value if it is a state
   */
  boolean isTransposedRightFactor(Instruction reader, Value value, Layout layout) {
    return switch (reader.op()) {
      case Op.MatMul product ->
          product.transposeB() && product.count() == 1 && isSecondAlone(reader, value);
      case Op.VarianceProduct product -> isSecondAlone(reader, value);
      case Op.Unary op ->
          isForProductsAlone(op, reader.outputs().getFirst())
              && isTransposedRightFactor(reader.outputs().getFirst(), layout);
      case Op.Permute op ->
          definition(value) == null
              && op.axes().equals(layout.order())
              && isTransposedRightFactor(reader.outputs().getFirst(), layout);
      case Op.Reshape op ->
          op.shape().rank() > 0
              && value.shape().rank() > 0
              && op.shape().dimension(op.shape().rank() - 1)
                  == value.shape().dimension(value.shape().rank() - 1)
              && isTransposedRightFactor(reader.outputs().getFirst(), layout);
      default -> false;
    };
  }

  private boolean isTransposedRightFactor(Value value, Layout layout) {
    return isReadBeforeUpdates(value)
        && readers(value).stream()
            .allMatch(reader -> isTransposedRightFactor(reader, value, layout));
  }

  private static boolean isSecondAlone(Instruction product, Value value) {
    List<Value> inputs = product.op().inputs();
    return inputs.getLast().equals(value) && !inputs.getFirst().equals(value);
  }

  /** Returns whether a value is a square that products can compute while they pack it. */
  boolean isForProductsAlone(Op.Unary op, Value result) {
    return op.function() == Op.UnaryFunction.SQUARE
        && !outputs.contains(result)
        && readers(result).stream().allMatch(reader -> reader.op() instanceof Op.MatMul)
        && !isSquare(op.a());
  }

  /**
   * Returns whether a value may share the memory of a state, which other updates may have changed
   * before this one.
   */
  boolean comesFromState(Value value, Set<Value> states) {
    Value at = value;
    while (!states.contains(at)) {
      Instruction definition = definition(at);
      if (definition == null) {
        return false;
      }
      switch (definition.op()) {
        case Op.Permute op -> at = op.a();
        case Op.Reshape op -> at = op.a();
        // Products may square while they read.
        case Op.Unary op -> at = op.a();
        default -> {
          return false;
        }
      }
    }
    return true;
  }

  private boolean isSquare(Value value) {
    Instruction definition = definition(value);
    return definition != null
        && definition.op() instanceof Op.Unary op
        && op.function() == Op.UnaryFunction.SQUARE;
  }
}
