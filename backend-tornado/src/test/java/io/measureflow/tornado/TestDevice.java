package io.measureflow.tornado;

import io.measureflow.api.backend.Availability;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Precision;
import org.junit.jupiter.api.Assumptions;

/** The device that the tests run on, where there is one. */
final class TestDevice {

  private TestDevice() {}

  /** Opens the default device; without one the test is skipped, with the reason. */
  static Backend open() {
    var provider = new TornadoBackendProvider();
    if (provider.availability() instanceof Availability.Unavailable(String reason)) {
      Assumptions.abort("No TornadoVM device to test on: " + reason);
    }
    return provider.open(BackendSettings.of(2, Precision.FLOAT32));
  }
}
