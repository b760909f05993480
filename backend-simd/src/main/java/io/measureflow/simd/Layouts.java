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

/** Chooses the layouts of states for the first program that uses them. */
final class Layouts {

  private final DefUse defUse;
  private final Map<Value, Layout> layouts = new HashMap<>();

  private Layouts(DefUse defUse) {
    this.defUse = defUse;
  }

  /**
   * Chooses the layouts of a program's states. States that exist keep theirs; for others the
   * program gets what it reads best. A state that is permuted before each use is stored permuted.
   * One that products read as the transpose of their right factor, and that is updated by a
   * gradient that is a product, is stored in panels, if the kernels support that.
   *
   * @param known the layouts of existing states
   * @param kernels the kernels in use
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

  /** Returns the order of axes that all readers prefer. */
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
          // The memory of an update has the layout of its state.
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
