package io.measureflow.lowering;

import io.measureflow.api.program.Program;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A program as steps over memory: what is fused into what, and in which order axes lie.
 *
 * @param program what was lowered
 * @param orders the axis orders of values that are not in their own order
 * @param views values that are the memory of another one under another shape
 * @param copies states in another order than their own, which some steps read in their own: copies,
 *     made before all steps
 * @param steps in order
 */
public record LoweredProgram(
    Program program,
    Map<Value, AxisOrder> orders,
    Map<Value, Value> views,
    Map<Value, Value> copies,
    List<Step> steps) {

  public LoweredProgram {
    orders = Map.copyOf(orders);
    views = Map.copyOf(views);
    copies = Map.copyOf(copies);
    steps = List.copyOf(steps);
  }

  /** Returns an id that no value of a program and of further steps has, nor any larger one. */
  static int nextId(Program program, List<Step> steps) {
    return 1
        + Stream.of(
                program.inputs().stream(),
                program.states().stream(),
                program.instructions().stream().flatMap(i -> i.outputs().stream()),
                steps.stream().flatMap(step -> step.writes().stream()))
            .flatMap(values -> values)
            .mapToInt(Value::id)
            .max()
            .orElse(0);
  }

  /** Returns the value whose memory a value is. */
  public Value memory(Value value) {
    Value at = value;
    for (Value of = views.get(at); of != null; of = views.get(at)) {
      at = of;
    }
    return at;
  }

  /** Returns the order of the axes of a value in the memory that computations read. */
  public AxisOrder order(Value value) {
    AxisOrder order = copies.containsKey(value) ? null : orders.get(value);
    return order == null ? AxisOrder.plain(value.shape().rank()) : order;
  }

  /** Returns the order of the axes of a state in memory. */
  public AxisOrder stateOrder(Value state) {
    AxisOrder order = orders.get(state);
    return order == null ? AxisOrder.plain(state.shape().rank()) : order;
  }

  /** Returns the shape of a value in memory. */
  public Shape stored(Value value) {
    return order(value).stored(value.shape());
  }

  /** Returns the shape in memory of an operand that is broadcast to another value. */
  public Shape storedWithin(Value operand, Value whole) {
    int rank = whole.shape().rank();
    return new Shape(
        order(whole).axes().stream().map(axis -> operand.shape().aligned(axis, rank)).toList());
  }

  /** Returns a copy with other steps. */
  LoweredProgram withSteps(List<Step> changed) {
    return new LoweredProgram(program, orders, views, copies, changed);
  }
}
