package io.measureflow.tornado;

import io.measureflow.api.backend.Backend;
import io.measureflow.conformance.BackendConformance;

/** Tests every operation with the kernels for a GPU, on any device. */
final class AcceleratorConformanceTest extends BackendConformance {

  @Override
  protected Backend open(int threads) {
    return TestDevice.openAsAccelerator();
  }
}
