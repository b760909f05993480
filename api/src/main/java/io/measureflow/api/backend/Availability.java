package io.measureflow.api.backend;

import java.util.List;

/** Whether a backend can be opened here. */
public sealed interface Availability {

  /**
   * The backend can be opened.
   *
   * @param version the version of the computing library, with the instruction set or driver where
   *     it matters
   * @param devices the devices it can use, the default first
   */
  record Available(String version, List<Device> devices) implements Availability {
    /** Copies the list. */
    public Available {
      devices = List.copyOf(devices);
    }
  }

  /**
   * The backend cannot be opened.
   *
   * @param reason what is missing and what to install or set
   */
  record Unavailable(String reason) implements Availability {}
}
