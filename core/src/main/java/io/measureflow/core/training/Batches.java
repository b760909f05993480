package io.measureflow.core.training;

import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.HeldRows;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.program.Program;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * One program for every batch size that comes up: shapes are static, and the last batch of a pass
 * is smaller. Each size is compiled once for each set of rows that batches are drawn from.
 */
final class Batches implements AutoCloseable {

  private final Workspace workspace;
  private final IntFunction<Program> program;
  private final Map<Key, Executable> known = new HashMap<>();

  /**
   * What an executable is made for.
   *
   * @param held the rows that it draws its batches from
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
   * The program for a batch that is drawn from rows that the workspace holds.
   *
   * @param held by the names of inputs
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
