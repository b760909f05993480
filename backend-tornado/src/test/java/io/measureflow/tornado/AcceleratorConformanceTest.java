package io.measureflow.tornado;

import io.measureflow.api.backend.Backend;
import io.measureflow.conformance.BackendConformance;

/** Every operation by the kernels that a GPU runs, on whatever device there is. */
final class AcceleratorConformanceTest extends BackendConformance {

  @Override
  protected Backend open(int threads) {
    return TestDevice.openAsAccelerator();
  }
}
