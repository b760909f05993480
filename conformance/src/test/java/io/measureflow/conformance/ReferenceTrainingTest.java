package io.measureflow.conformance;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Precision;
import io.measureflow.core.reference.ReferenceBackendProvider;

class ReferenceTrainingTest extends TrainingConformance {

  @Override
  protected Backend open() {
    return new ReferenceBackendProvider().open(BackendSettings.of(1, Precision.FLOAT64));
  }
}
