/** The experiments of the paper, each one command, and their reports. */
module io.measureflow.experiments {
  requires transitive io.measureflow.core;
  requires io.measureflow;
  requires io.measureflow.plots;
  requires static org.jspecify;

  exports io.measureflow.experiments;
  exports io.measureflow.experiments.request;
}
