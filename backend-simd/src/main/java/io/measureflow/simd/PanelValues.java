package io.measureflow.simd;

import io.measureflow.api.program.Instruction;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Chooses the computed matrices whose columns are stored in panels: the first {@code width} columns
 * as a row-major matrix, then the next ones. A tensor [rows, n, columns] is stored like n such
 * matrices, one after the other, and so is the matrix [rows, n columns] that it may be reshaped
 * from.
 *
 * <p>These are the activations of a batch and everything computed from them element by element.
 * Products write panels as they compute them and read them as right factors, so nothing is copied
 * in between, and each thread has the same panels of all of these matrices in its caches. In
 * row-major order, half of what one command wrote was in the other processor's cache when the next
 * one read it.
 */
final class PanelValues {

  private final DefUse defUse;
  private final int width;
  private final Map<Op, Boolean> gradients;
  private final Set<Value> states;

  private PanelValues(DefUse defUse, int width, Map<Op, Boolean> gradients, Set<Value> states) {
    this.defUse = defUse;
    this.width = width;
    this.gradients = gradients;
    this.states = states;
  }

  /**
   * Returns the values of a program stored in panels. Values connected by elementwise operations
   * have the same layout: panels, if all their writers and readers support them and one of the
   * writers is a product.
   *
   * @param width the width of a panel
   * @param gradients products whose result only updates a state, and whether that is in panels
   * @param states values that are states in panels
   */
  static Set<Value> of(
      Program program, DefUse defUse, int width, Map<Op, Boolean> gradients, Set<Value> states) {
    var plan = new PanelValues(defUse, width, gradients, states);
    var groups = new Groups();
    var values = new LinkedHashSet<Value>();
    for (Instruction instruction : program.instructions()) {
      values.addAll(instruction.outputs());
      for (Value connected : connected(instruction)) {
        values.add(connected);
        groups.join(instruction.outputs().getFirst(), connected);
      }
    }
    var withProducts = new HashSet<Value>();
    var excluded = new HashSet<Value>();
    for (Value value : values) {
      if (!plan.canLieInPanels(value)) {
        excluded.add(groups.of(value));
      } else if (plan.isProduct(value)) {
        withProducts.add(groups.of(value));
      }
    }
    withProducts.removeAll(excluded);
    return values.stream()
        .filter(value -> withProducts.contains(groups.of(value)))
        .collect(Collectors.toSet());
  }

  /** Groups of values with the same layout, each represented by one of them. */
  private static final class Groups {
    private final Map<Value, Value> parents = new HashMap<>();

    void join(Value a, Value b) {
      parents.put(of(a), of(b));
    }

    /** Returns the value that represents the group. */
    Value of(Value value) {
      Value group = value;
      for (Value parent = parents.get(group);
          parent != null && !parent.equals(group);
          parent = parents.get(group)) {
        group = parent;
      }
      // Shortens the path for the next lookup.
      for (Value at = value; !at.equals(group); ) {
        Value parent = parents.put(at, group);
        at = parent == null ? group : parent;
      }
      return group;
    }
  }

  /**
   * Returns the shape in memory of a value in panels, or of one that is broadcast to such a value.
   */
  static Shape stored(Shape shape, Shape of, int width) {
    if (shape.size() == 1) {
      return shape;
    }
    int rows = of.dimension(0);
    int columns = of.dimension(of.rank() - 1);
    if (of.rank() == 3) {
      return Shape.of(shape.dimension(1), columns / width, rows * width);
    }
    boolean wide = shape.dimension(shape.rank() - 1) == columns;
    boolean high = shape.rank() == 2 && shape.dimension(0) == rows;
    return Shape.of(wide ? columns / width : 1, high ? rows : 1, wide ? width : 1);
  }

  /** Returns the values that must have the layout of the first result of an instruction. */
  private static List<Value> connected(Instruction instruction) {
    return switch (instruction.op()) {
      case Op.Unary op -> List.of(op.a());
      case Op.Affine op -> List.of(op.a());
      case Op.Binary op -> {
        Shape shape = op.outputShapes().getFirst();
        yield op.inputs().stream().filter(value -> isMatrixWithin(value.shape(), shape)).toList();
      }
      case Op.Reshape op -> List.of(op.a());
      case Op.BroadcastTo op -> List.of(op.a());
      case Op.SumTo op when isMatrixWithin(op.shape(), op.a().shape()) -> List.of(op.a());
      case Op.ReluMoments op -> {
        var all = new ArrayList<>(instruction.outputs());
        all.addAll(op.inputs());
        yield all;
      }
      default -> List.of();
    };
  }

  private boolean isProduct(Value value) {
    Instruction definition = defUse.definition(value);
    return definition != null
        && (definition.op() instanceof Op.MatMul || definition.op() instanceof Op.VarianceProduct);
  }

  private boolean canLieInPanels(Value value) {
    Shape shape = value.shape();
    Instruction definition = defUse.definition(value);
    return definition != null
        && !defUse.isOutput(value)
        && shape.rank() >= 2
        && shape.size() > 0
        && shape.dimension(0) > VectorProduct.FEW_ROWS
        && shape.dimension(shape.rank() - 1) % width == 0
        && writesPanels(definition.op())
        && defUse.readers(value).stream().allMatch(reader -> readsPanels(reader, value));
  }

  private static boolean writesPanels(Op op) {
    return switch (op) {
      case Op.MatMul product -> product.count() == 1 && !product.transposeA();
      case Op.VarianceProduct product -> true;
      case Op.Binary binary -> {
        Shape shape = binary.outputShapes().getFirst();
        yield binary.inputs().stream().allMatch(value -> isRepeatable(value.shape(), shape));
      }
      case Op.Reshape reshape -> keepsPanels(reshape.a().shape(), reshape.shape());
      case Op.BroadcastTo broadcast -> isMatrixWithin(broadcast.a().shape(), broadcast.shape());
      case Op.SumTo sum -> isMatrixWithin(sum.shape(), sum.a().shape());
      case Op.Unary unary -> true;
      case Op.Affine affine -> true;
      case Op.ReluMoments moments -> true;
      default -> false;
    };
  }

  private boolean readsPanels(Instruction reader, Value value) {
    Shape shape = value.shape();
    return switch (reader.op()) {
      case Op.MatMul product -> readsPanels(product, value);
      case Op.Binary binary -> isMatrixWithin(shape, binary.outputShapes().getFirst());
      case Op.Reshape reshape -> keepsPanels(shape, reshape.shape());
      case Op.BroadcastTo broadcast -> isMatrixWithin(shape, broadcast.shape());
      case Op.SumTo sum ->
          isMatrixWithin(sum.shape(), shape)
              || (shape.rank() == 2 && isRow(sum.shape(), shape.dimension(1)));
      case Op.Unary unary -> !defUse.isForProductsAlone(unary, reader.outputs().getFirst());
      case Op.Affine affine -> true;
      case Op.ReluMoments moments -> true;
      default -> false;
    };
  }

  private static boolean isRow(Shape shape, int columns) {
    return shape.size() == columns
        && shape.rank() > 0
        && shape.dimension(shape.rank() - 1) == columns;
  }

  /** Returns whether one shape equals the other, or that of one of its matrices. */
  private static boolean isMatrixWithin(Shape shape, Shape of) {
    return shape.equals(of)
        || (of.rank() == 3 && shape.equals(Shape.of(of.dimension(0), 1, of.dimension(2))));
  }

  /** Returns whether a value of one shape can be repeated in another's panels. */
  private static boolean isRepeatable(Shape shape, Shape in) {
    return shape.size() == 1 || isMatrixWithin(shape, in) || (in.rank() == 2 && shape.rank() <= 2);
  }

  /** Returns whether a tensor in panels has the same layout after a reshape. */
  private static boolean keepsPanels(Shape from, Shape to) {
    return from.rank() >= 2
        && to.rank() >= 2
        && from.dimension(0) == to.dimension(0)
        && (from.rank() != to.rank() || from.equals(to));
  }

  /**
   * Returns whether a product reads its left factor in panels: as the right factor of the
   * transposed product, unless a long result must then be stored transposed, or a panel at a time,
   * if the sums are short.
   */
  private boolean readsPanels(Op.MatMul product, Value value) {
    return value.shape().rank() == 2
        && product.a().equals(value)
        && !product.b().equals(value)
        && gradients.getOrDefault(
            product,
            product.columns() <= width && !(product.transposeA() && states.contains(product.b())));
  }
}
