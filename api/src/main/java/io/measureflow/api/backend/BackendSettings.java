package io.measureflow.api.backend;

import java.util.Map;

/**
 * The settings that a backend is opened with.
 *
 * @param threads the number of threads it may use, at least 1; see {@link
 *     BackendProvider#heedsThreads}
 * @param precision the precision it computes in
 * @param section the backend's own section of the configuration, keys without the prefix
 */
public record BackendSettings(int threads, Precision precision, Map<String, String> section) {

  /**
   * @throws IllegalArgumentException if {@code threads} is less than 1
   */
  public BackendSettings {
    if (threads < 1) {
      throw new IllegalArgumentException("threads: expected at least 1, found " + threads);
    }
    section = Map.copyOf(section);
  }

  /** Settings with an empty section. */
  public static BackendSettings of(int threads, Precision precision) {
    return new BackendSettings(threads, precision, Map.of());
  }
}
