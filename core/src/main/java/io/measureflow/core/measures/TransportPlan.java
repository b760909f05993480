package io.measureflow.core.measures;

import java.util.List;

/**
 * An optimal solution of a discrete transport problem with its certificate: the masses moved, and
 * dual potentials u, v with u_i + v_j at most c_ij, so that no plan costs less than sum a_i u_i +
 * sum b_j v_j.
 */
public final class TransportPlan {

  private final List<Entry> entries;
  private final double cost;
  private final double dualValue;
  private final double[] rowPotentials;
  private final double[] columnPotentials;

  TransportPlan(
      List<Entry> entries,
      double cost,
      double dualValue,
      double[] rowPotentials,
      double[] columnPotentials) {
    this.entries = List.copyOf(entries);
    this.cost = cost;
    this.dualValue = dualValue;
    this.rowPotentials = rowPotentials;
    this.columnPotentials = columnPotentials;
  }

  /**
   * A transport of mass.
   *
   * @param from the source
   * @param to the target
   * @param mass the mass moved, positive
   */
  public record Entry(int from, int to, double mass) {}

  /** Returns the nonzero entries, at most K0 + K1 - 1, ordered by source, then target. */
  public List<Entry> entries() {
    return entries;
  }

  /** Returns the sum of mass times cost over the entries. */
  public double cost() {
    return cost;
  }

  /** Returns the difference between the cost and the dual bound: 0 up to rounding. */
  public double gap() {
    return cost - dualValue;
  }

  /** Returns the dual potentials u of the sources, [K0]. */
  public double[] rowPotentials() {
    return rowPotentials.clone();
  }

  /** Returns the dual potentials v of the targets, [K1]. */
  public double[] columnPotentials() {
    return columnPotentials.clone();
  }
}
