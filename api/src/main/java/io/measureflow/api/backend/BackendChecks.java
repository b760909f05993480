package io.measureflow.api.backend;

import io.measureflow.api.program.Program;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * The checks that every backend makes, with the same messages. For backend implementers; users see
 * only the messages.
 */
public final class BackendChecks {

  private BackendChecks() {}

  /**
   * Finds an input or an output of an executable.
   *
   * @param program the name of the program
   * @param role {@code input} or {@code output}
   * @throws IllegalArgumentException if the program has no tensor of this name
   */
  public static Tensor named(
      String program, String role, Map<String, Tensor> tensors, String name) {
    @Nullable Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "Program "
              + program
              + ": expected an "
              + role
              + " among "
              + tensors.keySet().stream().sorted().toList()
              + ", found "
              + name);
    }
    return tensor;
  }

  /**
   * Finds a state of a workspace.
   *
   * @throws IllegalArgumentException if there is no such state
   */
  public static <S> S state(Map<String, S> states, String name) {
    @Nullable S state = states.get(name);
    if (state == null) {
      throw new IllegalArgumentException(
          "Expected a state among " + states.keySet() + ", found " + name);
    }
    return state;
  }

  /**
   * Checks that a state has the same shape in every program of a workspace.
   *
   * @param known the shape in the workspace
   * @throws IllegalArgumentException if the shapes differ
   */
  public static void requireSameShape(Program program, Value state, Shape known) {
    if (!known.equals(state.shape())) {
      throw new IllegalArgumentException(
          "Program "
              + program.name()
              + ", state "
              + state.name()
              + ": expected shape "
              + known
              + " as in this workspace, found "
              + state.shape());
    }
  }

  /**
   * Checks that a tensor written to a state has its shape.
   *
   * @throws IllegalArgumentException if the shapes differ
   */
  public static void requireWritable(String state, Shape known, Shape given) {
    if (!known.equals(given)) {
      throw new IllegalArgumentException(
          "State " + state + ": expected shape " + known + ", found " + given);
    }
  }

  /**
   * Matches the inputs that a program draws from resident tables with those tables.
   *
   * @param workspace the workspace that must own the tables
   * @param type the expected class of the tables
   * @throws IllegalArgumentException if the program has no such input, or a table is of another
   *     class or belongs to another workspace
   */
  public static <R extends HeldRows> SequencedMap<Value, R> drawn(
      Workspace workspace, Class<R> type, Program program, Map<String, HeldRows> held) {
    var drawn = new LinkedHashMap<Value, R>();
    held.forEach(
        (name, rows) -> {
          if (!type.isInstance(rows) || !rows.workspace().equals(workspace)) {
            throw new IllegalArgumentException(
                "Input " + name + ": expected rows that this workspace holds, found " + rows);
          }
          drawn.put(rows.inputOf(program, name), type.cast(rows));
        });
    return drawn;
  }
}
