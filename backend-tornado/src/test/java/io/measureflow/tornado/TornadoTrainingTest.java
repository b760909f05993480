package io.measureflow.tornado;

import io.measureflow.api.backend.Backend;
import io.measureflow.conformance.TrainingConformance;

final class TornadoTrainingTest extends TrainingConformance {

  @Override
  protected Backend open() {
    return TestDevice.open();
  }
}
