package io.measureflow.core.data;

import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Table;
import java.util.Arrays;
import java.util.List;

/**
 * The number of rows of each class.
 *
 * @param names the name of each class
 * @param rows the number of rows of each class, in the order of the names
 */
public record ClassBalance(List<String> names, List<Long> rows) {

  /** Copies the lists. */
  public ClassBalance {
    names = List.copyOf(names);
    rows = List.copyOf(rows);
  }

  /** Counts the rows of a table. */
  public static ClassBalance of(Table table, Schema.Target.Classes target) {
    long[] counts = new long[target.names().size()];
    Targets.classes(table, (row, label) -> counts[label]++);
    return new ClassBalance(target.names(), Arrays.stream(counts).boxed().toList());
  }

  /** Returns the number of rows of the largest class. */
  public long most() {
    return rows.stream().mapToLong(Long::longValue).max().orElse(0);
  }

  /** Returns the number of rows of the smallest class. */
  public long least() {
    return rows.stream().mapToLong(Long::longValue).min().orElse(0);
  }
}
