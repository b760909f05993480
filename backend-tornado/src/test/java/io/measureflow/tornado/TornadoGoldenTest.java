package io.measureflow.tornado;

import io.measureflow.api.backend.Backend;
import io.measureflow.conformance.GoldenConformance;

final class TornadoGoldenTest extends GoldenConformance {

  @Override
  protected Backend open() {
    return TestDevice.open();
  }
}
