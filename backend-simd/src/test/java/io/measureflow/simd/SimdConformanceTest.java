package io.measureflow.simd;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Precision;
import io.measureflow.conformance.BackendConformance;

class SimdConformanceTest extends BackendConformance {

  @Override
  protected Backend open(int threads) {
    return new SimdBackendProvider().open(BackendSettings.of(threads, Precision.FLOAT32));
  }
}
