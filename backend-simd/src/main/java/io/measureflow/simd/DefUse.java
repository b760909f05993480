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

/** Which instruction of a program assigns a value, and which ones read it. */
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

  /** The instructions that read the value. */
  List<Instruction> readers(Value value) {
    return readers.getOrDefault(value, List.of());
  }

  /** Whether the program yields the value. */
  boolean isOutput(Value value) {
    return outputs.contains(value);
  }

  /** Whether one instruction needs the value and nobody else. */
  boolean isReadOnce(Value value) {
    return readers(value).size() == 1 && !outputs.contains(value);
  }

  /**
   * Whether the value, also under other shapes, is read by computations alone, all of which are
   * done before the first state changes.
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
   * Whether an instruction reads a value only for products that have its transpose as their right
   * factor, and are done before the first state changes.
   *
   * @param layout the order that the value has in memory if it is a state
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

  /** Whether a value is a square that products can make while they bring it into order. */
  boolean isForProductsAlone(Op.Unary op, Value result) {
    return op.function() == Op.UnaryFunction.SQUARE
        && !outputs.contains(result)
        && readers(result).stream().allMatch(reader -> reader.op() instanceof Op.MatMul)
        && !isSquare(op.a());
  }

  /**
   * Whether a value may share the memory of a state, which other updates may have changed by the
   * time of this one.
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
        // Products may square as they read.
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
