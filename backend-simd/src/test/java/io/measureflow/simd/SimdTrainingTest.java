package io.measureflow.simd;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Precision;
import io.measureflow.conformance.TrainingConformance;

class SimdTrainingTest extends TrainingConformance {

  @Override
  protected Backend open() {
    return new SimdBackendProvider().open(BackendSettings.of(2, Precision.FLOAT32));
  }
}
