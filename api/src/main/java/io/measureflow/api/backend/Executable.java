package io.measureflow.api.backend;

import java.util.Optional;

/**
 * A compiled program that can run many times. Callers get the input and output tensors once, then
 * fill the inputs, run, and read the outputs. Runs allocate and copy nothing beyond what the device
 * needs. Not thread-safe.
 */
public interface Executable extends AutoCloseable {

  /**
   * Returns the host memory of an input, which the next run reads. Real inputs have the backend's
   * precision, integer inputs are INT32. Every call returns the same tensor; it lives until this
   * executable is closed and keeps its content between runs. For an input drawn from a resident
   * table, it holds row indices.
   *
   * @throws IllegalArgumentException if the program has no such input
   */
  Tensor input(String name);

  /**
   * Returns the host memory of an output, which each run overwrites, in the backend's precision.
   * Every call returns the same tensor; it lives until this executable is closed.
   *
   * @throws IllegalArgumentException if the program has no such output
   */
  Tensor output(String name);

  /** Runs the program once. On return the outputs are filled and the states updated. */
  void run();

  /**
   * Returns how the backend computes the program, as text for display: what is fused into what, in
   * which order, and where results lie. Empty if the backend does not tell.
   */
  default Optional<String> plan() {
    return Optional.empty();
  }

  /** Releases the resources of this program. The states stay with the workspace. */
  @Override
  void close();
}
