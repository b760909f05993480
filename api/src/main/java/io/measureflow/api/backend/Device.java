package io.measureflow.api.backend;

import java.util.Locale;

/**
 * A device that a backend computes on.
 *
 * @param id the identifier by which the backend's settings choose it
 * @param kind what it is
 * @param description its name, for display
 * @param memoryBytes its memory in bytes, 0 if unknown
 * @param parallelism the number of its threads or compute units
 */
public record Device(String id, Kind kind, String description, long memoryBytes, int parallelism) {

  /** The kinds of devices. */
  public enum Kind {
    /** The processor that the JVM runs on, or another CPU. */
    CPU,
    /** A graphics processor. */
    GPU,
    /** A field-programmable gate array. */
    FPGA,
    /** Any other accelerator. */
    OTHER;

    /** Returns the name in configurations: lower case. */
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
