package io.measureflow.lowering;

import io.measureflow.api.program.Instruction;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A pass before the orientation of values: finds where images [H W B, C] become rows [B, C H W],
 * and rows images. With the batch innermost both are [C, H, W, B] in memory, and nothing moves.
 */
final class Flattening {

  /** From images to rows [H W, B, C] becomes [B, C, H W]; from rows to images the reverse. */
  private static final List<Integer> TO_ROWS = List.of(1, 2, 0);

  private static final List<Integer> TO_IMAGES = List.of(2, 0, 1);

  /**
   * A change of form, by three operations.
   *
   * @param source the images or rows
   * @param reshaped the source with three axes
   * @param permuted these in the order of the result
   * @param result the rows or images
   * @param toRows whether the result is the rows
   */
  record Change(Value source, Value reshaped, Value permuted, Value result, boolean toRows) {

    /** Returns the rows. */
    Value rows() {
      return toRows ? result : source;
    }

    /** Returns the images. */
    Value images() {
      return toRows ? source : result;
    }

    /**
     * Returns the orders of the values between, by which nothing moves between them and a side that
     * has the batch innermost.
     *
     * @param batchInnermost the values with the batch innermost
     */
    Map<Value, AxisOrder> orders(Set<Value> batchInnermost) {
      var orders = new HashMap<Value, AxisOrder>();
      if (batchInnermost.contains(source)) {
        orders.put(reshaped, toRows ? ofImages() : AxisOrder.firstLast(3));
      }
      if (batchInnermost.contains(result)) {
        orders.put(permuted, toRows ? AxisOrder.firstLast(3) : ofImages());
      }
      return orders;
    }

    /** The order of [H W, B, C]. */
    private static AxisOrder ofImages() {
      return new AxisOrder(List.of(2, 0, 1));
    }
  }

  /** The changes, by each of the values that they write. */
  private final Map<Value, Change> changes = new HashMap<>();

  private final Set<Value> between = new HashSet<>();

  private Flattening() {}

  static Flattening of(Program program, DefUse defUse) {
    var pass = new Flattening();
    for (Instruction instruction : program.instructions()) {
      if (instruction.op() instanceof Op.Reshape last
          && operation(defUse, last.a()) instanceof Op.Permute permute
          && operation(defUse, permute.a()) instanceof Op.Reshape first) {
        pass.add(first, permute, last, instruction.outputs().getFirst());
      }
    }
    return pass;
  }

  /** Returns the operation that computes a value for one reader. */
  private static Object operation(DefUse defUse, Value value) {
    Instruction definition = defUse.isReadOnce(value) ? defUse.definition(value) : null;
    return definition == null ? value : definition.op();
  }

  private void add(Op.Reshape first, Op.Permute permute, Op.Reshape last, Value result) {
    Shape from = first.a().shape();
    Shape middle = first.shape();
    Shape to = last.shape();
    if (from.rank() != 2 || middle.rank() != 3 || to.rank() != 2 || from.size() == 0) {
      return;
    }
    boolean toRows =
        permute.axes().equals(TO_ROWS)
            && from.dimension(1) == middle.dimension(2)
            && to.dimension(0) == middle.dimension(1);
    boolean toImages =
        permute.axes().equals(TO_IMAGES)
            && from.dimension(0) == middle.dimension(0)
            && to.dimension(1) == middle.dimension(1);
    if (toRows || toImages) {
      var change = new Change(first.a(), permute.a(), last.a(), result, toRows);
      for (Value value : List.of(change.reshaped, change.permuted, change.result)) {
        changes.put(value, change);
      }
      between.add(change.reshaped);
      between.add(change.permuted);
    }
  }

  /** Returns all changes. */
  Collection<Change> changes() {
    return new ArrayList<>(new HashSet<>(changes.values()));
  }

  /** Returns whether a value is between the source of a change and its result. */
  boolean isBetween(Value value) {
    return between.contains(value);
  }

  /** Returns whether a value is the result of a change. */
  boolean isResult(Value value) {
    return changes.containsKey(value) && !isBetween(value);
  }
}
