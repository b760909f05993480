package io.measureflow.cli.command;

import com.google.inject.CreationException;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.ProvisionException;
import io.measureflow.Backends;
import io.measureflow.Datasets;
import io.measureflow.Fetchers;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.MeasureFlowException;
import io.measureflow.api.registry.Extensions;
import io.measureflow.config.RunConfig;
import io.measureflow.core.training.Trainer;
import io.measureflow.guice.MeasureFlowModule;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The objects of a command. Guice wires all of them here, so extensions bound by a module are
 * available to every command.
 */
public final class Wiring {

  private final RunConfig config;
  private final Injector injector;

  private Wiring(RunConfig config, Injector injector) {
    this.config = config;
    this.injector = injector;
  }

  /**
   * Wires a configuration. Looks up every name in it except the backend's, so that a wrong name is
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

  /** Wires the defaults, for commands without a configuration. */
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

  /** Loads data as {@link Datasets#load(DatasetRequest)}; on failure says how to download them. */
  public Dataset load(DatasetRequest request) {
    return orFetch(request, datasets()::load);
  }

  /** Loads data as {@link #load}, neither split nor filled nor standardized. */
  public Dataset loadUnprepared(DatasetRequest request) {
    return orFetch(request, datasets()::loadUnprepared);
  }

  private Dataset orFetch(DatasetRequest request, Function<DatasetRequest, Dataset> load) {
    try {
      return load.apply(request);
    } catch (InvalidRequestException e) {
      String name = request.name();
      if (fetchers().sources().stream().anyMatch(source -> source.name().equals(name))
          && e.getMessage().contains(datasets().description(name).howToGet())) {
        throw new InvalidRequestException(
            e.getMessage() + " To download it: measureflow datasets fetch " + name, e);
      }
      throw e;
    }
  }

  /** Opens the backend that the configuration chooses; the caller closes it. */
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
