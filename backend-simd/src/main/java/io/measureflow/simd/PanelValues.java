package io.measureflow.simd;

import io.measureflow.api.program.Instruction;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which computed matrices have their columns in panels: the first {@code width} columns as a
 * row-major matrix, then the next ones.
 *
 * <p>The activations of a batch are such, and all that is computed from them element by element.
 * Products write panels as they compute them and read them as right factors, so that nothing is
 * copied in between, and each thread has the same panels of all of these matrices in its caches.
 * Row by row, half of what one step wrote was in the other processor's cache when the next step
 * read it.
 */
final class PanelValues {

  private final Uses uses;
  private final int width;
  private final Map<Op, Boolean> gradients;
  private final Set<Value> states;

  private PanelValues(Uses uses, int width, Map<Op, Boolean> gradients, Set<Value> states) {
    this.uses = uses;
    this.width = width;
    this.gradients = gradients;
    this.states = states;
  }

  /**
   * The values of a program that lie so. Values that elementwise operations connect lie alike: in
   * panels if each of them is written and read by operations that can, and one by a product.
   *
   * @param width of a panel
   * @param gradients products whose result only moves a state, and whether that lies in panels
   * @param states values that are states which lie in panels
   */
  static Set<Value> of(
      Program program, Uses uses, int width, Map<Op, Boolean> gradients, Set<Value> states) {
    var plan = new PanelValues(uses, width, gradients, states);
    var groups = new HashMap<Value, Set<Value>>();
    for (Instruction instruction : program.instructions()) {
      List<Value> outputs = instruction.outputs();
      outputs.forEach(value -> groups.putIfAbsent(value, new HashSet<>(Set.of(value))));
      for (Value connected : plan.connected(instruction)) {
        join(groups, outputs.getFirst(), connected);
      }
    }
    var found = new HashSet<Value>();
    groups.forEach(
        (value, group) -> {
          if (group.stream().allMatch(plan::canLieInPanels)
              && group.stream().anyMatch(plan::isProduct)) {
            found.add(value);
          }
        });
    return found;
  }

  /** The shape that a matrix in panels, or what is broadcast to one, has in memory. */
  static Shape stored(Shape shape, Shape matrix, int width) {
    if (shape.size() == 1) {
      return shape;
    }
    boolean wide = shape.dimension(shape.rank() - 1) == matrix.dimension(1);
    boolean high = shape.rank() == 2 && shape.dimension(0) == matrix.dimension(0);
    return Shape.of(
        wide ? matrix.dimension(1) / width : 1, high ? matrix.dimension(0) : 1, wide ? width : 1);
  }

  /** The values that have to lie as the first result of an instruction does. */
  private List<Value> connected(Instruction instruction) {
    return switch (instruction.op()) {
      case Op.Unary op -> List.of(op.a());
      case Op.Affine op -> List.of(op.a());
      case Op.Binary op -> {
        Shape shape = op.outputShapes().getFirst();
        yield op.inputs().stream().filter(value -> value.shape().equals(shape)).toList();
      }
      case Op.ReluMoments op -> {
        var all = new ArrayList<>(instruction.outputs());
        all.addAll(op.inputs());
        yield all;
      }
      default -> List.of();
    };
  }

  private static void join(Map<Value, Set<Value>> groups, Value a, Value b) {
    Set<Value> group = groups.computeIfAbsent(a, v -> new HashSet<>(Set.of(v)));
    Set<Value> other = groups.computeIfAbsent(b, v -> new HashSet<>(Set.of(v)));
    if (!group.contains(b)) {
      group.addAll(other);
      other.forEach(value -> groups.put(value, group));
    }
  }

  private boolean isProduct(Value value) {
    Instruction definition = uses.definition(value);
    return definition != null
        && (definition.op() instanceof Op.MatMul || definition.op() instanceof Op.VarianceProduct);
  }

  private boolean canLieInPanels(Value value) {
    Shape shape = value.shape();
    Instruction definition = uses.definition(value);
    return definition != null
        && !uses.isOutput(value)
        && shape.rank() == 2
        && shape.dimension(0) > 1
        && shape.dimension(1) > 0
        && shape.dimension(1) % width == 0
        && writesPanels(definition.op())
        && uses.readers(value).stream().allMatch(reader -> readsPanels(reader, value));
  }

  private boolean writesPanels(Op op) {
    return switch (op) {
      case Op.MatMul product -> product.count() == 1 && !product.transposeA();
      case Op.Binary binary -> binary.inputs().stream().allMatch(value -> isPlain(binary, value));
      case Op.VarianceProduct product -> true;
      case Op.Unary unary -> true;
      case Op.Affine affine -> true;
      case Op.ReluMoments moments -> true;
      default -> false;
    };
  }

  /** Whether an operand is the matrix's equal, a row, a column or a number. */
  private static boolean isPlain(Op.Binary op, Value operand) {
    return operand.shape().rank() <= 2 && op.outputShapes().getFirst().rank() == 2;
  }

  private boolean readsPanels(Instruction reader, Value value) {
    return switch (reader.op()) {
      case Op.MatMul product -> readsPanels(product, value);
      case Op.SumTo sum -> sum.shape().size() == value.shape().dimension(1);
      case Op.Binary binary -> binary.outputShapes().getFirst().equals(value.shape());
      case Op.Unary unary -> !uses.isForProductsAlone(unary, reader.outputs().getFirst());
      case Op.Affine affine -> true;
      case Op.ReluMoments moments -> true;
      default -> false;
    };
  }

  /**
   * Whether a product reads its left factor in panels: as the right factor of the transposed
   * product, if that is not to be stored transposed at length, or a panel at a time, if there is
   * little to add up.
   */
  private boolean readsPanels(Op.MatMul product, Value value) {
    return product.count() == 1
        && product.a().equals(value)
        && !product.b().equals(value)
        && gradients.getOrDefault(
            product,
            product.columns() <= width && !(product.transposeA() && states.contains(product.b())));
  }
}
