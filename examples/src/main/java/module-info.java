/** Extensions from outside, as docs/new-family.md explains them. */
module io.measureflow.examples {
  requires io.measureflow.api;
  requires static org.jspecify;

  exports io.measureflow.examples;

  provides io.measureflow.api.activation.Activation with
      io.measureflow.examples.Bump;
  provides io.measureflow.api.measure.Family with
      io.measureflow.examples.AntitheticFamily;
}
