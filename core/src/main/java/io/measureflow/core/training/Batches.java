package io.measureflow.core.training;

import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.HeldRows;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.program.Program;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * The programs for all batch sizes that occur: shapes are static, and the last batch of a pass is
 * smaller. Each size is compiled once per set of resident tables.
 */
final class Batches implements AutoCloseable {

  private final Workspace workspace;
  private final IntFunction<Program> program;
  private final Map<Key, Executable> known = new HashMap<>();

  /**
   * The key of an executable.
   *
   * @param held the resident tables from which it draws its batches
   */
  private record Key(int size, Map<String, HeldRows> held) {}

  Batches(Workspace workspace, IntFunction<Program> program) {
    this.workspace = workspace;
    this.program = program;
  }

  Executable of(int size) {
    return of(size, Map.of());
  }

  /**
   * Returns the program for a batch size, drawing from resident tables.
   *
   * @param held tables by the names of inputs
   */
  Executable of(int size, Map<String, HeldRows> held) {
    var key = new Key(size, held);
    Executable executable = known.get(key);
    if (executable == null) {
      executable = workspace.compile(program.apply(size), held);
      known.put(key, executable);
    }
    return executable;
  }

  @Override
  public void close() {
    known.values().forEach(Executable::close);
  }
}
