package io.measureflow.conformance;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Precision;
import io.measureflow.core.reference.ReferenceBackendProvider;

class ReferenceConformanceTest extends BackendConformance {

  @Override
  protected Backend open(int threads) {
    return new ReferenceBackendProvider().open(BackendSettings.of(threads, Precision.FLOAT64));
  }
}
