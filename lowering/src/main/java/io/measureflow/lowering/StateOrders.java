package io.measureflow.lowering;

import io.measureflow.api.program.Instruction;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.Value;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;

/**
 * Pass 1: chooses the axis orders of states for the first program that uses them. A state that is
 * permuted before each use is stored permuted, and so is the memory of its optimizer.
 */
final class StateOrders {

  private final DefUse defUse;
  private final Map<Value, AxisOrder> orders = new HashMap<>();

  private StateOrders(DefUse defUse) {
    this.defUse = defUse;
  }

  /**
   * Returns the orders of a program's states.
   *
   * @param known those of states that exist, which keep them
   */
  static Map<Value, AxisOrder> of(Program program, DefUse defUse, Map<Value, AxisOrder> known) {
    var pass = new StateOrders(defUse);
    pass.orders.putAll(known);
    for (Value state : program.states()) {
      if (!known.containsKey(state)) {
        pass.orders.put(state, pass.preferred(state));
      }
    }
    return pass.orders;
  }

  /** Returns the order that all readers prefer. */
  private AxisOrder preferred(Value state) {
    AxisOrder plain = AxisOrder.plain(state.shape().rank());
    if (defUse.isOutput(state)) {
      return plain;
    }
    var found = new HashSet<AxisOrder>();
    for (Instruction reader : defUse.readers(state)) {
      if (reader.op() instanceof Op.Permute permute) {
        found.add(new AxisOrder(permute.axes()));
      } else if (reader.op() instanceof Op.Update update && update.changed().contains(state)) {
        Value updated = update.changed().getFirst();
        if (!updated.equals(state)) {
          AxisOrder there = orders.get(updated);
          found.add(there == null ? preferred(updated) : there);
        }
      } else {
        found.add(plain);
      }
    }
    return found.size() == 1 ? found.iterator().next() : plain;
  }
}
