/** From programs to fused steps, for all backends with kernels of their own. */
module io.measureflow.lowering {
  requires transitive io.measureflow.api;
  requires static org.jspecify;

  exports io.measureflow.lowering;
}
