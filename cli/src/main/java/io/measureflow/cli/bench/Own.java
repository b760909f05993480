package io.measureflow.cli.bench;

import java.util.List;

/** Ours among the contestants. */
interface Own {

  /** Runs for one burst with a new batch, and returns the median time of a run in seconds. */
  double burst(double seconds);

  /** Returns the floating-point operations of the products of one run. */
  double operations();

  /** Returns the ids of the processes that it runs in, other than this one. */
  List<Long> processes();
}
