package io.measureflow.core.training;

import io.measureflow.api.backend.HeldRows;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.data.Table;
import java.util.IdentityHashMap;
import java.util.Map;

/** The resident tables of a workspace, from which its programs draw batches. */
final class ResidentTables {

  private final Workspace workspace;
  private final Prefetch prefetch;
  private final IdentityHashMap<Table, Map<String, HeldRows>> known = new IdentityHashMap<>();

  /**
   * @param prefetch tables become resident only with {@link Prefetch#AUTO}
   */
  ResidentTables(Workspace workspace, Prefetch prefetch) {
    this.workspace = workspace;
    this.prefetch = prefetch;
  }

  /**
   * Returns the resident table by the name of its input; empty if the table cannot be made
   * resident.
   */
  Map<String, HeldRows> of(Table table) {
    return prefetch == Prefetch.AUTO ? known.computeIfAbsent(table, this::hold) : Map.of();
  }

  private Map<String, HeldRows> hold(Table table) {
    return table
        .bytes()
        .flatMap(workspace::hold)
        .or(() -> table.whole().flatMap(workspace::hold))
        .map(rows -> Map.of(TrainingPrograms.FEATURES, rows))
        .orElse(Map.of());
  }
}
