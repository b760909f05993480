package io.measureflow.core.measures;

import java.util.List;

/**
 * An optimal solution of a discrete transport problem with its proof: the masses moved, and
 * potentials u, v with u_i + v_j at most c_ij, so that no plan costs less than sum a_i u_i + sum
 * b_j v_j.
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
   * Mass that is moved.
   *
   * @param from the source
   * @param to the target
   * @param mass how much, positive
   */
  public record Entry(int from, int to, double mass) {}

  /** The moves, at most K0 + K1 - 1, ordered by source, then target. */
  public List<Entry> entries() {
    return entries;
  }

  /** The sum of mass times cost over the moves. */
  public double cost() {
    return cost;
  }

  /** What the cost exceeds the bound of the potentials by: 0 but for rounding. */
  public double gap() {
    return cost - dualValue;
  }

  /** u, one for each source; [K0]. */
  public double[] rowPotentials() {
    return rowPotentials.clone();
  }

  /** v, one for each target; [K1]. */
  public double[] columnPotentials() {
    return columnPotentials.clone();
  }
}
