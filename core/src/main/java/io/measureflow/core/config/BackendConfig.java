package io.measureflow.core.config;

import io.measureflow.api.backend.Precision;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;

/**
 * What computes.
 *
 * @param name the name of the backend
 * @param setBy who chose it: the command line, a file and its line, or the defaults
 * @param threads the number of threads; empty: one per processor
 * @param precision the precision; empty: the backend's first
 * @param section the backend's own settings
 */
public record BackendConfig(
    String name,
    String setBy,
    OptionalInt threads,
    Optional<Precision> precision,
    SequencedMap<String, String> section) {

  /** Copies the map. */
  public BackendConfig {
    section = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(section));
  }
}
