package io.measureflow.api.backend;

/**
 * A compiled program, run many times. A caller asks for the staging tensors once, fills the inputs,
 * runs, and reads the outputs; in the steady state nothing is allocated or copied beyond what the
 * device needs. For use by one thread at a time.
 */
public interface Executable extends AutoCloseable {

  /**
   * The memory from which the next run takes an input. Real inputs have the backend's precision,
   * integer inputs are INT32. It is the same tensor at every call, lives until this executable is
   * closed, and keeps its content between runs. Of an input that is drawn from rows that the
   * workspace holds, these are the numbers of the rows.
   *
   * @throws IllegalArgumentException if the program has no such input
   */
  Tensor input(String name);

  /**
   * The memory into which each run puts an output, in the backend's precision. It is the same
   * tensor at every call and lives until this executable is closed.
   *
   * @throws IllegalArgumentException if the program has no such output
   */
  Tensor output(String name);

  /** Runs the program once; on return the outputs are filled and the states updated. */
  void run();

  /** Releases what this program alone uses. The states stay with the workspace. */
  @Override
  void close();
}
