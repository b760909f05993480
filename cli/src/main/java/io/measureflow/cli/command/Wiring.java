package io.measureflow.cli.command;

import com.google.inject.CreationException;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.ProvisionException;
import io.measureflow.Backends;
import io.measureflow.Datasets;
import io.measureflow.Fetchers;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.error.MeasureFlowException;
import io.measureflow.api.registry.Extensions;
import io.measureflow.config.RunConfig;
import io.measureflow.core.training.Trainer;
import io.measureflow.guice.MeasureFlowModule;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a command works with, wired by Guice in this one place: so that what a module binds can be
 * trained, evaluated, predicted with and benchmarked alike.
 */
public final class Wiring {

  private final RunConfig config;
  private final Injector injector;

  private Wiring(RunConfig config, Injector injector) {
    this.config = config;
    this.injector = injector;
  }

  /**
   * Wires a configuration, and looks up every name in it but the backend's, so that a wrong one is
   * found before anything is opened.
   */
  public static Wiring of(RunConfig config) {
    try {
      var wiring = new Wiring(config, Guice.createInjector(new MeasureFlowModule(config)));
      config.check(wiring.extensions());
      return wiring;
    } catch (CreationException e) {
      throw unwrapped(e, e.getCause());
    }
  }

  /** The defaults, for commands that have no configuration of their own. */
  public static Wiring defaults() {
    return of(RunConfig.load(Optional.empty(), Map.of()));
  }

  public RunConfig config() {
    return config;
  }

  public Extensions extensions() {
    return get(Extensions.class);
  }

  public Backends backends() {
    return get(Backends.class);
  }

  public Datasets datasets() {
    return get(Datasets.class);
  }

  public Fetchers fetchers() {
    return get(Fetchers.class);
  }

  /** The backend that the configuration chooses; whoever gets it closes it. */
  public Backend backend() {
    return get(Backend.class);
  }

  public Trainer trainer() {
    return get(Trainer.class);
  }

  private <T> T get(Class<T> type) {
    try {
      return injector.getInstance(type);
    } catch (ProvisionException e) {
      throw unwrapped(e, e.getCause());
    }
  }

  /** Guice wraps what a provider or a module throws. */
  private static RuntimeException unwrapped(RuntimeException wrapper, @Nullable Throwable cause) {
    return cause instanceof MeasureFlowException expected ? expected : wrapper;
  }
}
