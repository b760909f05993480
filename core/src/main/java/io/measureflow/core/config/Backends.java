package io.measureflow.core.config;

import io.measureflow.api.backend.Availability;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendProvider;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.error.InvalidRequestException;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;

/** The backends there are, by name, and how one of them is opened. */
public final class Backends {

  private static final Logger LOG = System.getLogger(Backends.class.getName());

  private final SortedMap<String, BackendProvider> byName;

  /** A choice among these. */
  @Inject
  public Backends(Map<String, BackendProvider> byName) {
    this.byName = new TreeMap<>(byName);
  }

  /**
   * The backends on the class path.
   *
   * @throws IllegalStateException if two of them have the same name
   */
  public static Backends onClassPath() {
    var byName = new TreeMap<String, BackendProvider>();
    for (BackendProvider provider :
        ServiceLoader.load(BackendProvider.class, Backends.class.getClassLoader())) {
      BackendProvider other = byName.putIfAbsent(provider.name(), provider);
      if (other != null) {
        throw new IllegalStateException(
            "Backend "
                + provider.name()
                + ": expected one provider, found "
                + other.getClass().getName()
                + " and "
                + provider.getClass().getName());
      }
    }
    return new Backends(byName);
  }

  /** All providers, sorted by name. */
  public Collection<BackendProvider> providers() {
    return byName.values();
  }

  /**
   * Opens the backend that a configuration names, and logs the choice in one line.
   *
   * @throws InvalidRequestException if there is none of this name, it is not available here, or it
   *     does not compute in the precision asked for
   */
  public Backend open(BackendConfig config) {
    BackendProvider provider = byName.get(config.name());
    if (provider == null) {
      throw InvalidRequestException.of(
          RunConfig.ROOT + ".backend (set by " + config.setBy() + ")",
          "one of " + String.join(", ", byName.keySet()),
          "'" + config.name() + "'",
          "Choose one of them, or put the backend's jar on the class path.");
    }
    if (provider.availability() instanceof Availability.Unavailable(String reason)) {
      throw InvalidRequestException.of(
          RunConfig.ROOT + ".backend (set by " + config.setBy() + ")",
          "a backend that is available here",
          "'" + config.name() + "', which is not: " + reason,
          "Install what is missing, or choose another backend.");
    }
    Backend backend =
        provider.open(
            new BackendSettings(
                config.threads().orElse(Runtime.getRuntime().availableProcessors()),
                precision(provider, config),
                config.section()));
    log(config, backend.description());
    return backend;
  }

  private static Precision precision(BackendProvider provider, BackendConfig config) {
    List<Precision> offered = provider.precisions();
    Precision precision = config.precision().orElse(offered.getFirst());
    if (!offered.contains(precision)) {
      throw InvalidRequestException.of(
          RunConfig.ROOT + ".precision for backend " + provider.name(),
          "one of " + String.join(", ", offered.stream().map(Precision::key).toList()),
          precision.key(),
          "Leave the precision out, or choose another backend, for example reference for float64.");
    }
    return precision;
  }

  private void log(BackendConfig config, Backend.Description opened) {
    LOG.log(
        Level.INFO,
        "backend {0}: {1}, {2}, {3}; chosen by {4}; to change it: --backend {5}, --threads,"
            + " --precision or their settings measureflow.*",
        opened.name(),
        opened.version(),
        opened.threads() + (opened.threads() == 1 ? " thread" : " threads"),
        opened.precision().key(),
        config.setBy(),
        String.join("|", byName.keySet()));
  }
}
