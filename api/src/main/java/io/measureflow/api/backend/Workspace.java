package io.measureflow.api.backend;

import io.measureflow.api.program.Program;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A scope that owns states and the programs that share them. States stay on the device. Programs
 * bind them by name, so a training step, the smaller step for the last batch and an evaluation all
 * use the same parameters. Not thread-safe.
 *
 * <p>Use after {@link #close} throws {@link IllegalStateException}.
 */
public interface Workspace extends AutoCloseable {

  /**
   * Compiles a program. States that do not exist yet are created, filled with zeros.
   *
   * @throws IllegalArgumentException if a state exists with another shape
   * @throws io.measureflow.api.error.InvalidRequestException if the program has an operation that
   *     the backend's {@link Capabilities} list as missing
   */
  Executable compile(Program program);

  /**
   * Makes a table resident on the device, so that batches need not be copied from the host. The
   * table stays resident until the workspace is closed. Do not modify the rows until then: a
   * backend that computes in host memory makes no copy.
   *
   * @param rows [N, d], in the backend's precision
   * @return a handle for {@link #compile(Program, Map)}; empty if the backend draws no batches or
   *     cannot hold these rows
   */
  default Optional<HeldRows> hold(Tensor rows) {
    return Optional.empty();
  }

  /**
   * Makes a table of bytes resident; batches are converted to real numbers as they are drawn.
   *
   * @return empty also if the backend supports only tables of real numbers
   */
  default Optional<HeldRows> hold(ByteRows rows) {
    return Optional.empty();
  }

  /**
   * Compiles a program that draws batches from resident tables. In place of an input [B, d] the
   * executable has an INT32 input [B] of the same name, which takes the row indices of the batch. A
   * run throws {@link IllegalArgumentException} if a row index is out of range.
   *
   * @param held tables by the names of inputs
   * @throws IllegalArgumentException as {@link #compile(Program)}, or if there is no such input, or
   *     a table does not match it or belongs to another workspace
   */
  default Executable compile(Program program, Map<String, HeldRows> held) {
    if (held.isEmpty()) {
      return compile(program);
    }
    throw new IllegalArgumentException(
        "Program " + program.name() + ": this backend holds no rows, found " + held.keySet());
  }

  /** Returns the names of all states, in order of creation. */
  Set<String> states();

  /**
   * Copies a state to the host, in the backend's precision.
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
