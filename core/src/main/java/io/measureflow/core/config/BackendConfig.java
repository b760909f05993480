package io.measureflow.core.config;

import io.measureflow.api.backend.Device;
import io.measureflow.api.backend.Precision;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;

/**
 * What computes.
 *
 * @param name the name of the backend, or {@link #AUTO}
 * @param setBy who chose it: the command line, a file and its line, or the defaults
 * @param candidates where {@link #AUTO} looks, in this order
 * @param threads the number of threads; empty: one per processor
 * @param precision the precision; empty: the backend's first
 * @param sections the settings of each backend of its own, by the backend's name
 */
public record BackendConfig(
    String name,
    String setBy,
    List<Candidate> candidates,
    OptionalInt threads,
    Optional<Precision> precision,
    Map<String, SequencedMap<String, String>> sections) {

  /** In the place of a backend's name: the first of the candidates that is there. */
  public static final String AUTO = "auto";

  /**
   * A backend that {@link #AUTO} may take.
   *
   * @param name its name
   * @param kind the kind of device that it must have; empty: any
   */
  public record Candidate(String name, Optional<Device.Kind> kind) {
    @Override
    public String toString() {
      return name + kind.map(k -> ":" + k.key()).orElse("");
    }
  }

  /** Copies the collections. */
  public BackendConfig {
    candidates = List.copyOf(candidates);
    var copy = new LinkedHashMap<String, SequencedMap<String, String>>();
    sections.forEach(
        (backend, settings) ->
            copy.put(backend, Collections.unmodifiableSequencedMap(new LinkedHashMap<>(settings))));
    sections = Collections.unmodifiableMap(copy);
  }

  /** The settings of a backend of its own; empty where it has none. */
  public Map<String, String> section(String backend) {
    SequencedMap<String, String> settings = sections.get(backend);
    return settings == null ? Map.of() : settings;
  }

  boolean isAuto() {
    return name.equals(AUTO);
  }
}
