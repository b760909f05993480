package io.measureflow.nd4j;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Precision;
import io.measureflow.conformance.GoldenConformance;

class Nd4jDoubleGoldenTest extends GoldenConformance {

  @Override
  protected Backend open() {
    return new Nd4jBackendProvider().open(BackendSettings.of(2, Precision.FLOAT64));
  }
}
