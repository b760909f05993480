package io.measureflow.api.backend;

import io.measureflow.api.program.Program;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A scope that owns the states of a computation and the programs that share them. States stay on
 * the device; programs compiled here bind them by name, so that a training step, the smaller step
 * for the last batch and an evaluation all work on the same parameters. For use by one thread at a
 * time.
 *
 * <p>Use after {@link #close} throws {@link IllegalStateException}.
 */
public interface Workspace extends AutoCloseable {

  /**
   * Compiles a program. States it names that do not exist yet are created, filled with zeros.
   *
   * @throws IllegalArgumentException if a state exists with another shape
   * @throws io.measureflow.api.error.InvalidRequestException if the program has an operation that
   *     the backend's {@link Capabilities} name as missing
   */
  Executable compile(Program program);

  /**
   * Takes rows where programs run, once, so that batches of them need not come from the host. They
   * are held until the workspace is closed, and must stay as they are until then: a backend that
   * computes in the host's memory makes no copy.
   *
   * @param rows [N, d], in the backend's precision
   * @return what {@link #compile(Program, Map)} takes; empty where the backend draws no batches, or
   *     cannot hold these rows
   */
  default Optional<HeldRows> hold(Tensor rows) {
    return Optional.empty();
  }

  /**
   * The same for rows of bytes, whose batches become numbers as they are drawn.
   *
   * @return empty also where the backend holds rows of numbers alone
   */
  default Optional<HeldRows> hold(ByteRows rows) {
    return Optional.empty();
  }

  /**
   * Compiles a program that draws batches from rows that this workspace holds. In place of an input
   * [B, d] the executable has an input of the same name, INT32 [B]: the numbers of the rows of the
   * batch. A run with a number that is none of a row throws {@link IllegalArgumentException}.
   *
   * @param held by the names of inputs
   * @throws IllegalArgumentException as {@link #compile(Program)}, or if there is no such input, or
   *     the rows are others or not held here
   */
  default Executable compile(Program program, Map<String, HeldRows> held) {
    if (held.isEmpty()) {
      return compile(program);
    }
    throw new IllegalArgumentException(
        "Program " + program.name() + ": this backend holds no rows, found " + held.keySet());
  }

  /** The names of all states, in the order of their creation. */
  Set<String> states();

  /**
   * A copy of a state on the host, in the backend's precision.
   *
   * @throws IllegalArgumentException if there is no such state
   */
  Tensor read(String state);

  /**
   * Overwrites a state, converting to the backend's precision.
   *
   * @throws IllegalArgumentException if there is no such state or its shape differs
   */
  void write(String state, Tensor value);

  @Override
  void close();
}
