package io.measureflow.core.training;

import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.program.Program;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * One program for every batch size that comes up: shapes are static, and the last batch of a pass
 * is smaller. Each size is compiled once.
 */
final class Batches implements AutoCloseable {

  private final Workspace workspace;
  private final IntFunction<Program> program;
  private final Map<Integer, Executable> bySize = new HashMap<>();

  Batches(Workspace workspace, IntFunction<Program> program) {
    this.workspace = workspace;
    this.program = program;
  }

  Executable of(int size) {
    Executable known = bySize.get(size);
    if (known == null) {
      known = workspace.compile(program.apply(size));
      bySize.put(size, known);
    }
    return known;
  }

  @Override
  public void close() {
    bySize.values().forEach(Executable::close);
  }
}
