package io.measureflow.nd4j;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Precision;
import io.measureflow.conformance.BackendConformance;
import org.junit.jupiter.api.Tag;

@Tag("slow")
class Nd4jDoubleConformanceTest extends BackendConformance {

  @Override
  protected Backend open(int threads) {
    return new Nd4jBackendProvider().open(BackendSettings.of(threads, Precision.FLOAT64));
  }
}
