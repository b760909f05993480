package io.measureflow.tornado;

import io.measureflow.api.backend.Backend;
import io.measureflow.conformance.BackendConformance;

final class TornadoConformanceTest extends BackendConformance {

  @Override
  protected Backend open(int threads) {
    return TestDevice.open();
  }
}
