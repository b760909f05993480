package io.measureflow.experiments.request;

/** How much of an experiment is run. */
public enum Scale {
  /** Takes minutes: shows that everything works and roughly what the results are. */
  QUICK,
  /** The scale of the committed reports. */
  STANDARD,
  /** Takes hours: more epochs and more seeds. */
  FULL
}
