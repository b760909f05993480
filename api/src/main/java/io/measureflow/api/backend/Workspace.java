package io.measureflow.api.backend;

import io.measureflow.api.program.Program;
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
