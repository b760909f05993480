package io.measureflow.core.measures;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Exact optimal transport between two finite measures by the network simplex method for the
 * transportation problem [peyre2019, section 3.5].
 *
 * <p>Implemented here because JGraphT's minimum-cost flows take integer supplies, the general
 * simplex methods of Commons Math and ojAlgo do not exploit the tree structure that makes thousands
 * of points feasible, and no other small library on Maven Central solves it for real marginals.
 *
 * <p>A basis is a spanning tree of K0 + K1 - 1 arcs. Masses are integer multiples of 2^-60 of the
 * total, so that flows are exact, and carry an infinitesimal perturbation as a second number: row i
 * supplies (n+1) e more, each column demands e more, and the last column the rest. Then no flow of
 * a tree is zero [charnes1952]: every pivot lowers the cost and none is degenerate, even with ties
 * in the marginals. The perturbation that remains at the end is dropped.
 */
public final class DiscreteTransport {

  /** The total mass in units. */
  private static final long UNITS = 1L << 60;

  /** The largest relative difference of the two totals. */
  private static final double TOTAL_TOLERANCE = 1e-9;

  /** The smallest gain, relative to the largest cost: above the rounding of potentials. */
  private static final double GAIN_TOLERANCE = 0x1p-48;

  private final int rows;
  private final int columns;
  private final double[] cost;
  private final double tolerance;

  // The spanning tree, rooted at node 0; nodes are the rows and then the columns. The arc from a
  // node to its parent carries mass + epsilon e.
  private final int[] parent;
  private final int[] depth;
  private final int[] firstChild;
  private final int[] nextSibling;
  private final int[] previousSibling;
  private final long[] mass;
  private final long[] epsilon;
  private final double[] potential;

  private final int[] stack;
  // Whether potentials are computed from the costs at each pivot, or moved by the gain.
  private boolean exact;
  private int enteringRow;
  private int enteringColumn;
  private int cursor;

  private DiscreteTransport(int rows, int columns, double[] cost, double largest) {
    this.rows = rows;
    this.columns = columns;
    this.cost = cost;
    this.tolerance = largest * GAIN_TOLERANCE;
    int nodes = rows + columns;
    this.parent = new int[nodes];
    this.depth = new int[nodes];
    this.firstChild = filled(nodes);
    this.nextSibling = filled(nodes);
    this.previousSibling = filled(nodes);
    this.mass = new long[nodes];
    this.epsilon = new long[nodes];
    this.potential = new double[nodes];
    this.stack = new int[nodes];
  }

  /** Returns the largest absolute value; not finite if one of them is not. */
  private static double largest(double[] costs) {
    double largest = 0;
    for (double c : costs) {
      largest = Math.max(largest, Math.abs(c));
    }
    return largest;
  }

  private static int[] filled(int length) {
    int[] array = new int[length];
    Arrays.fill(array, -1);
    return array;
  }

  /**
   * Solves min sum c_ij x_ij over x at least 0 with row sums a and column sums b. The result is
   * optimal to within about 1e-14 of the largest cost times the mass; masses below (K0 + K1) 2^-60
   * of the total count as rounding and are left out.
   *
   * @param a masses of the sources [K0], at least 0, not all 0
   * @param b masses of the targets [K1], at least 0, of the same sum (to 1e-9; divided out)
   * @param costs c [K0, K1], row-major, finite, of any sign
   * @throws IllegalArgumentException if the arguments do not meet these conditions
   */
  public static TransportPlan solve(double[] a, double[] b, double[] costs) {
    double total = total("source", a);
    double other = total("target", b);
    if (!(Math.abs(total - other) <= TOTAL_TOLERANCE * total)) {
      throw new IllegalArgumentException(
          "Transport: expected marginals of one sum, found " + total + " and " + other);
    }
    if (costs.length != Math.multiplyExact(a.length, b.length)) {
      throw new IllegalArgumentException(
          "Transport: expected "
              + a.length
              + " x "
              + b.length
              + " costs, found "
              + costs.length
              + " numbers");
    }
    double largest = largest(costs);
    for (int i = 0; !Double.isFinite(largest); i++) {
      if (!Double.isFinite(costs[i])) {
        throw new IllegalArgumentException(
            "Transport cost from "
                + i / b.length
                + " to "
                + i % b.length
                + ": expected a finite number, found "
                + costs[i]);
      }
    }
    var solver = new DiscreteTransport(a.length, b.length, costs, largest);
    solver.start(units(a, total), units(b, other));
    solver.improve();
    return solver.plan(a, b, total);
  }

  private static double total(String what, double[] masses) {
    for (int i = 0; i < masses.length; i++) {
      if (!(masses[i] >= 0)) {
        throw new IllegalArgumentException(
            "Transport " + what + " " + i + ": expected a mass of at least 0, found " + masses[i]);
      }
    }
    // Compensated summation: an error of this sum would have to be made up by one of the masses.
    double total = Arrays.stream(masses).sum();
    if (!(total > 0 && total < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "Transport " + what + "s: expected a positive finite total mass, found " + total);
    }
    return total;
  }

  /**
   * Converts masses to units that add up to exactly {@link #UNITS}. The rounding remainder is
   * shared out in proportion and then unit by unit, so that equal masses differ by at most one
   * unit.
   */
  private static long[] units(double[] masses, double total) {
    long[] units = new long[masses.length];
    long rest = UNITS;
    for (int pass = 0; pass < 2; pass++) {
      long share = rest;
      for (int i = 0; i < masses.length; i++) {
        long part = Math.round(masses[i] / total * (double) share);
        units[i] += part;
        rest -= part;
      }
    }
    for (int i = 0; rest != 0; i = (i + 1) % masses.length) {
      if (units[i] > 0) {
        units[i] += Long.signum(rest);
        rest -= Long.signum(rest);
      }
    }
    return units;
  }

  /** Builds a first tree: each row in turn fills the cheapest columns with remaining demand. */
  private void start(long[] supply, long[] demand) {
    int nodes = rows + columns;
    long[] extraSupply = new long[rows];
    long[] extraDemand = new long[columns];
    Arrays.fill(extraSupply, columns + 1L);
    Arrays.fill(extraDemand, 1);
    extraDemand[columns - 1] = (long) rows * (columns + 1) - (columns - 1);

    var adjacent = new ArrayList<List<Arc>>(nodes);
    for (int node = 0; node < nodes; node++) {
      adjacent.add(new ArrayList<>());
    }
    boolean[] full = new boolean[columns];
    int arcs = 0;
    for (int i = 0; i < rows; i++) {
      boolean empty = false;
      while (!empty && arcs < nodes - 1) {
        int j = cheapest(i, full);
        boolean rowEnds =
            Long.compare(supply[i], demand[j]) < 0
                || (supply[i] == demand[j] && extraSupply[i] < extraDemand[j]);
        long moved = rowEnds ? supply[i] : demand[j];
        long extra = rowEnds ? extraSupply[i] : extraDemand[j];
        adjacent.get(i).add(new Arc(rows + j, moved, extra));
        adjacent.get(rows + j).add(new Arc(i, moved, extra));
        arcs++;
        supply[i] -= moved;
        extraSupply[i] -= extra;
        demand[j] -= moved;
        extraDemand[j] -= extra;
        empty = rowEnds;
        full[j] |= !rowEnds;
      }
    }

    parent[0] = -1;
    int pending = 0;
    stack[pending++] = 0;
    while (pending > 0) {
      int node = stack[--pending];
      for (Arc arc : adjacent.get(node)) {
        int child = arc.node();
        if (child != parent[node]) {
          attach(child, node);
          mass[child] = arc.mass();
          epsilon[child] = arc.epsilon();
          stack[pending++] = child;
        }
      }
    }
    refreshSubtree(0);
  }

  private record Arc(int node, long mass, long epsilon) {}

  private int cheapest(int row, boolean[] full) {
    int best = -1;
    for (int j = 0; j < columns; j++) {
      if (!full[j] && (best < 0 || cost[row * columns + j] < cost[row * columns + best])) {
        best = j;
      }
    }
    return best;
  }

  private void attach(int child, int newParent) {
    parent[child] = newParent;
    int next = firstChild[newParent];
    nextSibling[child] = next;
    previousSibling[child] = -1;
    if (next >= 0) {
      previousSibling[next] = child;
    }
    firstChild[newParent] = child;
  }

  private void detach(int child) {
    int previous = previousSibling[child];
    int next = nextSibling[child];
    if (previous >= 0) {
      nextSibling[previous] = next;
    } else {
      firstChild[parent[child]] = next;
    }
    if (next >= 0) {
      previousSibling[next] = previous;
    }
  }

  /** Updates potentials and depths below a node, from its parent's, by u_i + v_j = c_ij. */
  private void refreshSubtree(int top) {
    int pending = 0;
    stack[pending++] = top;
    while (pending > 0) {
      int node = stack[--pending];
      int above = parent[node];
      if (above < 0) {
        depth[node] = 0;
        potential[node] = 0;
      } else {
        depth[node] = depth[above] + 1;
        double arcCost =
            node < rows ? cost[node * columns + above - rows] : cost[above * columns + node - rows];
        potential[node] = arcCost - potential[above];
      }
      for (int child = firstChild[node]; child >= 0; child = nextSibling[child]) {
        stack[pending++] = child;
      }
    }
  }

  private void improve() {
    // The number of pivots is finite, but rounding of potentials could make them cycle.
    long limit = 1000L * (rows + columns) * Math.max(1, Math.min(rows, columns));
    for (long pivots = 0; enters(); pivots++) {
      if (pivots > limit) {
        throw new IllegalStateException(
            "Transport of " + rows + " x " + columns + ": no optimum after " + limit + " pivots");
      }
      pivot();
      if (!exact && pivots % (rows + columns) == 0) {
        // Drops the rounding errors of potentials that were moved.
        refreshSubtree(0);
      }
    }
  }

  /** Looks for an arc of negative reduced cost, the last times by exact potentials. */
  private boolean enters() {
    if (findEntering()) {
      return true;
    }
    if (exact) {
      return false;
    }
    exact = true;
    refreshSubtree(0);
    return findEntering();
  }

  /**
   * Looks for an arc of negative reduced cost, the best of a block, block by block: a compromise
   * between few pivots and cheap ones.
   */
  private boolean findEntering() {
    int block = Math.max(1, (int) Math.sqrt((double) rows / columns));
    double best = -tolerance;
    boolean found = false;
    for (int scanned = 0; scanned < rows; scanned++) {
      if (found && scanned % block == 0) {
        return true;
      }
      int i = cursor;
      cursor = cursor + 1 == rows ? 0 : cursor + 1;
      double lowest = lowest(i);
      double reduced = lowest - potential[i];
      if (reduced < best) {
        best = reduced;
        enteringRow = i;
        enteringColumn = columnOf(i, lowest);
        found = true;
      }
    }
    return found;
  }

  /** Returns the least c_ij - v_j of a row; the compiler vectorizes this, but no search. */
  private double lowest(int row) {
    int offset = row * columns;
    double lowest = Double.POSITIVE_INFINITY;
    for (int j = 0; j < columns; j++) {
      lowest = Math.min(lowest, cost[offset + j] - potential[rows + j]);
    }
    return lowest;
  }

  private int columnOf(int row, double lowest) {
    int offset = row * columns;
    int j = 0;
    while (cost[offset + j] - potential[rows + j] != lowest) {
      j++;
    }
    return rows + j;
  }

  private void pivot() {
    // Around the cycle flow rises on the entering arc and every second one from there on; it falls
    // above rows on the row's side and above columns on the column's side.
    int leaving = -1;
    int p = enteringRow;
    int q = enteringColumn;
    while (p != q) {
      if (depth[p] >= depth[q]) {
        leaving = p < rows ? smaller(p, leaving) : leaving;
        p = parent[p];
      } else {
        leaving = q >= rows ? smaller(q, leaving) : leaving;
        q = parent[q];
      }
    }
    int meeting = p;
    long moved = mass[leaving];
    long extra = epsilon[leaving];
    boolean leavesOnRowSide = false;
    for (int node = enteringRow; node != meeting; node = parent[node]) {
      shift(node, node < rows, moved, extra);
      leavesOnRowSide |= node == leaving;
    }
    for (int node = enteringColumn; node != meeting; node = parent[node]) {
      shift(node, node >= rows, moved, extra);
    }

    // The detached subtree is attached by the entering arc; the arcs between are reversed.
    double gain =
        cost[enteringRow * columns + enteringColumn - rows]
            - potential[enteringRow]
            - potential[enteringColumn];
    int top = leavesOnRowSide ? enteringRow : enteringColumn;
    int node = top;
    int newParent = leavesOnRowSide ? enteringColumn : enteringRow;
    long newMass = moved;
    long newEpsilon = extra;
    while (true) {
      int oldParent = parent[node];
      long oldMass = mass[node];
      long oldEpsilon = epsilon[node];
      detach(node);
      attach(node, newParent);
      mass[node] = newMass;
      epsilon[node] = newEpsilon;
      if (node == leaving) {
        break;
      }
      newParent = node;
      newMass = oldMass;
      newEpsilon = oldEpsilon;
      node = oldParent;
    }
    if (exact) {
      refreshSubtree(top);
    } else {
      moveSubtree(top, leavesOnRowSide ? gain : -gain);
    }
  }

  /**
   * Updates potentials and depths below a node, from its parent's depth and by a constant for rows
   * and its negative for columns. Costs, of which each would be a cache miss, are not read.
   */
  private void moveSubtree(int top, double byRows) {
    int pending = 0;
    stack[pending++] = top;
    while (pending > 0) {
      int node = stack[--pending];
      depth[node] = depth[parent[node]] + 1;
      potential[node] += node < rows ? byRows : -byRows;
      for (int child = firstChild[node]; child >= 0; child = nextSibling[child]) {
        stack[pending++] = child;
      }
    }
  }

  private int smaller(int node, int other) {
    return other < 0
            || mass[node] < mass[other]
            || (mass[node] == mass[other] && epsilon[node] < epsilon[other])
        ? node
        : other;
  }

  private void shift(int node, boolean falls, long moved, long extra) {
    mass[node] += falls ? -moved : moved;
    epsilon[node] += falls ? -extra : extra;
  }

  private TransportPlan plan(double[] a, double[] b, double total) {
    var entries = new ArrayList<TransportPlan.Entry>();
    // Rounding each node by one unit changes the flow of an arc by no more than this.
    int rounding = rows + columns;
    for (int node = 1; node < rows + columns; node++) {
      if (mass[node] > rounding) {
        int i = node < rows ? node : parent[node];
        int j = (node < rows ? parent[node] : node) - rows;
        entries.add(new TransportPlan.Entry(i, j, (double) mass[node] / UNITS * total));
      }
    }
    entries.sort(
        Comparator.comparingInt(TransportPlan.Entry::from)
            .thenComparingInt(TransportPlan.Entry::to));
    double sum = 0;
    for (TransportPlan.Entry entry : entries) {
      sum += entry.mass() * cost[entry.from() * columns + entry.to()];
    }
    double dual = 0;
    for (int i = 0; i < rows; i++) {
      dual += a[i] * potential[i];
    }
    for (int j = 0; j < columns; j++) {
      dual += b[j] * potential[rows + j];
    }
    return new TransportPlan(
        entries,
        sum,
        dual,
        Arrays.copyOf(potential, rows),
        Arrays.copyOfRange(potential, rows, rows + columns));
  }
}
