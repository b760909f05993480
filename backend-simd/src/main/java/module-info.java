/** The default backend: Java Vector API, no native code. */
module io.measureflow.simd {
  requires io.measureflow.api;
  requires io.measureflow.lowering;
  requires static org.jspecify;
  // Required here, so that applications on the module path need no flag for it.
  requires jdk.incubator.vector;

  provides io.measureflow.api.backend.BackendProvider with
      io.measureflow.simd.SimdBackendProvider;
}
