package io.measureflow.nd4j;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Precision;
import io.measureflow.conformance.TrainingConformance;
import org.junit.jupiter.api.Tag;

@Tag("slow")
class Nd4jDoubleTrainingTest extends TrainingConformance {

  @Override
  protected Backend open() {
    return new Nd4jBackendProvider().open(BackendSettings.of(2, Precision.FLOAT64));
  }
}
