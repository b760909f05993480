package io.measureflow.simd;

import io.measureflow.api.program.Instruction;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.Value;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** How the program that comes first would like its states to lie. */
final class Layouts {

  private final DefUse defUse;
  private final Map<Value, Layout> layouts = new HashMap<>();

  private Layouts(DefUse defUse) {
    this.defUse = defUse;
  }

  /**
   * The layouts of a program's states: as they are of states that exist, else what it reads best. A
   * state that is permuted before each use is kept permuted; one that products read as the
   * transpose of their right factor, and that a gradient moves which is a product, is kept in
   * panels, if the kernels are for it.
   *
   * @param known the layouts of states that exist
   * @param kernels what computes
   */
  static Map<Value, Layout> of(
      Program program, DefUse defUse, Map<Value, Layout> known, Kernels kernels) {
    var plan = new Layouts(defUse);
    plan.layouts.putAll(known);
    var fresh = new LinkedHashMap<Value, Layout>();
    for (Value state : program.states()) {
      if (!known.containsKey(state)) {
        Layout layout = plan.ordered(state);
        fresh.put(state, layout);
        plan.layouts.put(state, layout);
      }
    }
    int width = kernels.panelWidth(Integer.MAX_VALUE);
    fresh.replaceAll(
        (state, layout) -> {
          boolean filled = 2 * layout.rows(state.shape()) >= width;
          return filled && kernels.takesTransposed() && plan.hasPanels(state, layout)
              ? layout.inPanels(width)
              : layout;
        });
    plan.layouts.putAll(fresh);
    return plan.layouts;
  }

  /** The order of axes that all readers prefer. */
  private Layout ordered(Value state) {
    var plain = Layout.plain(state.shape().rank());
    if (defUse.isOutput(state)) {
      return plain;
    }
    var found = new HashSet<Layout>();
    for (Instruction reader : defUse.readers(state)) {
      switch (reader.op()) {
        case Op.Permute permute -> found.add(Layout.ordered(permute.axes()));
        case Op.Update update when update.changed().contains(state) -> {
          // What an update keeps for a state lies as that state does.
          Value updated = update.changed().getFirst();
          if (!updated.equals(state)) {
            Layout there = layouts.get(updated);
            found.add(Layout.ordered((there == null ? ordered(updated) : there).order()));
          }
        }
        default -> found.add(plain);
      }
    }
    return found.size() == 1 ? found.iterator().next() : plain;
  }

  private boolean hasPanels(Value state, Layout layout) {
    if (defUse.isOutput(state)) {
      return false;
    }
    Set<Instruction> absorbed = new HashSet<>();
    for (Instruction reader : defUse.readers(state)) {
      if (reader.op() instanceof Op.EulerStep step && step.state().equals(state)) {
        FusedUpdate fused = FusedUpdate.of(step, defUse, layouts);
        if (fused == null || !fused.fitsPanels(state, layout)) {
          return false;
        }
        absorbed.add(reader);
        absorbed.addAll(fused.absorbed());
      }
    }
    return !absorbed.isEmpty()
        && defUse.readers(state).stream()
            .allMatch(
                reader ->
                    absorbed.contains(reader)
                        || defUse.isTransposedRightFactor(reader, state, layout));
  }
}
