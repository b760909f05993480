package io.measureflow.examples;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Precision;
import io.measureflow.conformance.FamilyConformance;
import io.measureflow.core.reference.ReferenceBackendProvider;

class ExamplesOnReferenceTest extends FamilyConformance {

  @Override
  protected Backend open() {
    return new ReferenceBackendProvider().open(BackendSettings.of(1, Precision.FLOAT64));
  }

  @Override
  protected boolean covers(String family, String activation) {
    return family.equals("antithetic") || activation.equals("bump");
  }
}
