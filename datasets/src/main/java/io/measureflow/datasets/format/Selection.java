package io.measureflow.datasets.format;

import java.util.Set;

/**
 * The columns of a file that are read, by number from 0. A format may read others as well.
 *
 * @param wanted the columns whose cells are asked for
 * @param labels the label columns of the file, wanted or not
 */
public record Selection(Set<Integer> wanted, Set<Integer> labels) {

  /** Copies the sets. */
  public Selection {
    wanted = Set.copyOf(wanted);
    labels = Set.copyOf(labels);
  }

  /** Whether the cells of a column are asked for. */
  public boolean wants(int column) {
    return wanted.contains(column);
  }
}
