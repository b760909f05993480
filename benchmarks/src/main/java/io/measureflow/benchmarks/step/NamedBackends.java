package io.measureflow.benchmarks.step;

import io.measureflow.Backends;
import io.measureflow.api.backend.Availability;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendProvider;
import io.measureflow.api.backend.BackendSettings;
import java.util.Optional;

/** Opens backends on the class path by name, each with the first precision that it offers. */
public final class NamedBackends {

  private NamedBackends() {}

  /**
   * Opens a backend.
   *
   * @throws IllegalArgumentException if there is no backend of this name
   */
  public static Backend open(String name, int threads) {
    BackendProvider provider =
        find(name).orElseThrow(() -> new IllegalArgumentException("No backend is called " + name));
    return provider.open(BackendSettings.of(threads, provider.precisions().getFirst()));
  }

  /** As {@link #open}, but empty if there is no backend of this name or it cannot be used here. */
  public static Optional<Backend> openIfAvailable(String name, int threads) {
    return find(name)
        .filter(provider -> provider.availability() instanceof Availability.Available)
        .map(provider -> open(name, threads));
  }

  private static Optional<BackendProvider> find(String name) {
    return Backends.onClassPath().providers().stream()
        .filter(candidate -> candidate.name().equals(name))
        .findFirst();
  }
}
