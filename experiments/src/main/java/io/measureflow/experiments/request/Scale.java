package io.measureflow.experiments.request;

/** How much an experiment does. */
public enum Scale {
  /** Minutes: shows that everything works, and roughly what comes out. */
  QUICK,
  /** What the committed reports were made with. */
  STANDARD,
  /** More epochs and more seeds, for hours. */
  FULL
}
