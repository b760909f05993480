package io.measureflow.examples;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Precision;
import io.measureflow.conformance.FamilyConformance;
import io.measureflow.simd.SimdBackendProvider;

class ExamplesOnSimdTest extends FamilyConformance {

  @Override
  protected Backend open() {
    return new SimdBackendProvider().open(BackendSettings.of(2, Precision.FLOAT32));
  }

  @Override
  protected boolean covers(String family, String activation) {
    return family.equals("antithetic") || family.equals("tied") || activation.equals("bump");
  }
}
