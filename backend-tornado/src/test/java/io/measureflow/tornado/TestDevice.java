package io.measureflow.tornado;

import io.measureflow.api.backend.Availability;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Precision;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Assumptions;

/** The device for the tests, if there is one. */
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

  /**
   * Opens the same device as an accelerator even if it is a processor: with the kernels and grids
   * for a GPU.
   */
  static Backend openAsAccelerator() {
    try (Backend usual = open()) {
      Devices.Found found = Devices.find("").getFirst();
      return new TornadoBackend(
          usual.description(),
          new OpenDevice(found.handle(), new Geometry(false, 2, 64, true), new ReentrantLock()));
    }
  }
}
