package io.measureflow.api.backend;

import java.util.List;

/** Whether a backend can be opened here. */
public sealed interface Availability {

  /**
   * It can.
   *
   * @param version the version of what computes, with the instruction set or driver where it
   *     matters
   * @param devices the devices it can use, the default first
   */
  record Available(String version, List<Device> devices) implements Availability {
    /** Copies the list. */
    public Available {
      devices = List.copyOf(devices);
    }
  }

  /**
   * It cannot.
   *
   * @param reason what is missing and what to install or set
   */
  record Unavailable(String reason) implements Availability {}
}
