package io.measureflow.tornado;

import io.measureflow.api.backend.Backend;
import io.measureflow.conformance.FamilyConformance;

final class TornadoFamilyTest extends FamilyConformance {

  @Override
  protected Backend open() {
    return TestDevice.open();
  }
}
