package io.measureflow.datasets.format;

import java.util.Set;

/**
 * The columns of a file to read, by index from 0. A format may read others as well.
 *
 * @param wanted the columns whose cells are needed
 * @param labels the label columns of the file, wanted or not
 */
public record Selection(Set<Integer> wanted, Set<Integer> labels) {

  /** Copies the sets. */
  public Selection {
    wanted = Set.copyOf(wanted);
    labels = Set.copyOf(labels);
  }

  /** Returns whether the cells of a column are needed. */
  public boolean wants(int column) {
    return wanted.contains(column);
  }
}
