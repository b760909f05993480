package io.measureflow.cli.bench.timing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The times of several contestants that run in turns. Clock rates change within minutes, so a ratio
 * is one of two times of the same round, and what counts is the median of the ratios.
 *
 * <p>Rounds during which other processes were busy are left out, unless too few are quiet.
 */
public final class Rounds {

  /** The share of one processor that other processes may use in a quiet round. */
  private static final double QUIET = 0.1;

  private final int leastQuiet;
  private final List<double[]> all = new ArrayList<>();
  private final List<double[]> quiet = new ArrayList<>();

  /**
   * @param leastQuiet with fewer quiet rounds than this, all rounds count
   */
  public Rounds(int leastQuiet) {
    this.leastQuiet = leastQuiet;
  }

  /**
   * Adds a round.
   *
   * @param times the time of each contestant, always in the same order and the same unit
   * @param othersShare how many processors other processes kept busy meanwhile, in the mean
   */
  public void add(double[] times, double othersShare) {
    all.add(times.clone());
    if (othersShare <= QUIET) {
      quiet.add(times.clone());
    }
  }

  /** Returns the number of rounds so far. */
  public int size() {
    return all.size();
  }

  /** Returns the number of quiet rounds so far. */
  public int quiet() {
    return quiet.size();
  }

  /** Returns whether rounds count in which other processes were busy. */
  public boolean disturbed() {
    return quiet.size() < leastQuiet && quiet.size() < all.size();
  }

  /** Returns the median time of a contestant. */
  public double median(int contestant) {
    return Quartiles.of(times(contestant)).median();
  }

  /** Returns the quartiles, over rounds, of the time of one contestant through that of another. */
  public Quartiles ratios(int contestant, int reference) {
    double[] ratios = times(contestant);
    double[] references = times(reference);
    Arrays.setAll(ratios, i -> ratios[i] / references[i]);
    return Quartiles.of(ratios);
  }

  private double[] times(int contestant) {
    return (disturbed() ? all : quiet).stream().mapToDouble(round -> round[contestant]).toArray();
  }
}
