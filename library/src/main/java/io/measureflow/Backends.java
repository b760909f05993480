package io.measureflow;

import io.measureflow.api.backend.Availability;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendProvider;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Device;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.MeasureFlowException;
import io.measureflow.api.registry.Extensions;
import io.measureflow.api.registry.Registry;
import io.measureflow.config.BackendConfig;
import io.measureflow.config.RunConfig;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The available backends by name. Opens them. */
public final class Backends {

  private static final Logger LOG = System.getLogger(Backends.class.getName());

  private final SortedMap<String, BackendProvider> byName;
  private final List<Registry.Fault> faults;

  private Backends(Registry<BackendProvider> registry) {
    this.byName = new TreeMap<>(registry.byName());
    this.faults = registry.faults();
    AbsentBackend.ALL.forEach(absent -> byName.putIfAbsent(absent.name(), absent));
  }

  /** Returns the backends among these extensions, and those known to be missing. */
  public static Backends of(Extensions extensions) {
    return new Backends(extensions.of(BackendProvider.KIND));
  }

  /** Returns the backends on the class path, and those known to be missing. */
  public static Backends onClassPath() {
    return of(Extensions.onClassPath());
  }

  /**
   * Opens the backend chosen by system properties {@code measureflow.*}, or else the default,
   * {@code simd}. The caller closes it.
   *
   * @throws InvalidRequestException as {@link #open(BackendConfig)}
   */
  public static Backend open() {
    return onClassPath().open(fromProperties());
  }

  /**
   * Opens a backend by name, or for {@code "auto"} the first of several that can be used here. The
   * caller closes it.
   *
   * @throws InvalidRequestException as {@link #open(BackendConfig)}
   */
  public static Backend open(String name) {
    return onClassPath().open(fromProperties().withName(name));
  }

  /** Opens a backend as {@link #open()} for a single call; the choice is logged at debug level. */
  static Backend openForCall() {
    return onClassPath().open(fromProperties(), Level.DEBUG);
  }

  private static BackendConfig fromProperties() {
    return RunConfig.load(Optional.empty(), Map.of()).backend();
  }

  /** Returns all providers, sorted by name. */
  public Collection<BackendProvider> providers() {
    return byName.values();
  }

  /**
   * Opens the backend that a configuration names, and logs the choice in one line. For {@link
   * BackendConfig#AUTO}, opens the first candidate that can be opened, and logs why those before it
   * were passed over.
   *
   * @throws InvalidRequestException if no backend has this name, it is not available here, or it
   *     does not support the requested precision
   */
  public Backend open(BackendConfig config) {
    return open(config, Level.INFO);
  }

  private Backend open(BackendConfig config, Level level) {
    String where = RunConfig.ROOT + ".backend (set by " + config.setBy() + ")";
    if (config.isAuto()) {
      return openFirst(config, where, level);
    }
    BackendProvider provider = byName.get(config.name());
    if (provider == null) {
      throw InvalidRequestException.of(
          where,
          "one of " + String.join(", ", byName.keySet()) + " or " + BackendConfig.AUTO,
          "'" + config.name() + "'",
          "Choose one of them, or put the backend's jar on the class path."
              + String.join("", faults.stream().map(fault -> " " + fault.message()).toList()));
    }
    if (provider.availability() instanceof Availability.Unavailable(String reason)) {
      throw new InvalidRequestException(
          (where
                  + ": expected a backend that is available here, found '"
                  + config.name()
                  + "', which is not: "
                  + reason
                  + ". Or choose another: --backend "
                  + BackendConfig.AUTO
                  + " takes one that is available.")
              .lines()
              .map(String::strip)
              .toList());
    }
    Backend backend = open(provider, config);
    log(level, provider, config, backend.description(), "chosen by " + config.setBy());
    return backend;
  }

  private Backend openFirst(BackendConfig config, String where, Level level) {
    var passedOver = new ArrayList<String>();
    for (BackendConfig.Candidate candidate : config.candidates()) {
      Optional<String> obstacle = obstacle(candidate);
      if (obstacle.isEmpty()) {
        try {
          BackendProvider provider = known(candidate);
          Backend backend = open(provider, config);
          log(
              level,
              provider,
              config,
              backend.description(),
              BackendConfig.AUTO
                  + ", set by "
                  + config.setBy()
                  + (passedOver.isEmpty() ? "" : ", passed over " + String.join("; ", passedOver)));
          return backend;
        } catch (MeasureFlowException e) {
          obstacle = Optional.of(e.getMessage());
        }
      }
      passedOver.add(candidate + ": " + obstacle.orElseThrow());
    }
    throw InvalidRequestException.of(
        where,
        "that one of "
            + config.candidates()
            + " can be used here ("
            + RunConfig.ROOT
            + ".auto-backends)",
        passedOver.isEmpty() ? "no candidates" : String.join("; ", passedOver),
        "Add a candidate that can, for example simd.");
  }

  private BackendProvider known(BackendConfig.Candidate candidate) {
    return Objects.requireNonNull(byName.get(candidate.name()));
  }

  /** Returns the reason why {@link BackendConfig#AUTO} cannot take a candidate; empty if it can. */
  public Optional<String> obstacle(BackendConfig.Candidate candidate) {
    BackendProvider provider = byName.get(candidate.name());
    if (provider == null) {
      return Optional.of("there is no such backend");
    }
    return switch (provider.availability()) {
      // Installation steps do not fit on one line.
      case Availability.Unavailable(String reason) -> reason.lines().findFirst();
      case Availability.Available(String version, List<Device> devices) ->
          candidate
              .kind()
              .filter(kind -> devices.stream().noneMatch(device -> device.kind() == kind))
              .map(kind -> "it has no device of kind " + kind.key() + " here");
    };
  }

  private static Backend open(BackendProvider provider, BackendConfig config) {
    return provider.open(
        new BackendSettings(
            config.threads().orElse(Runtime.getRuntime().availableProcessors()),
            precision(provider, config),
            config.section(provider.name())));
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

  private List<String> present() {
    return byName.values().stream()
        .filter(provider -> !(provider instanceof AbsentBackend))
        .map(BackendProvider::name)
        .toList();
  }

  private void log(
      Level level,
      BackendProvider provider,
      BackendConfig config,
      Backend.Description opened,
      String choice) {
    boolean inVain =
        !provider.heedsThreads() && config.threads().orElse(opened.threads()) != opened.threads();
    LOG.log(
        level,
        "backend {0}: {1}, {2}, {3}; {4}; to change it: --backend {5}, --threads, --precision or"
            + " their settings measureflow.*",
        opened.name(),
        opened.version(),
        opened.threads()
            + (opened.threads() == 1 ? " thread" : " threads")
            + (inVain ? " (threads = " + config.threads().getAsInt() + " has no effect here)" : ""),
        opened.precision().key(),
        choice,
        String.join("|", present()));
  }
}
