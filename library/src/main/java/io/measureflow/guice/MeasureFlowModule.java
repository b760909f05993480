package io.measureflow.guice;

import com.google.inject.AbstractModule;
import com.google.inject.Module;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import com.google.inject.multibindings.Multibinder;
import io.measureflow.Backends;
import io.measureflow.Converters;
import io.measureflow.Datasets;
import io.measureflow.Fetchers;
import io.measureflow.PredictionWriters;
import io.measureflow.api.activation.Activation;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendProvider;
import io.measureflow.api.data.DatasetConverter;
import io.measureflow.api.data.DatasetFetcher;
import io.measureflow.api.data.DatasetProvider;
import io.measureflow.api.data.PredictionWriter;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.flow.Flow;
import io.measureflow.api.measure.Family;
import io.measureflow.api.model.LayerType;
import io.measureflow.api.model.Loss;
import io.measureflow.api.registry.Extension;
import io.measureflow.api.registry.Extensions;
import io.measureflow.config.RunConfig;
import io.measureflow.core.training.Trainer;
import java.util.Set;

/**
 * The wiring of a run: the configuration, all extensions, the backend that the configuration
 * chooses, and a trainer on it. Another module can add extensions that are not on the class path:
 *
 * <pre>{@code
 * Multibinder.newSetBinder(binder(), Family.class).addBinding().to(RingFamily.class);
 * }</pre>
 *
 * <p>Extensions of kinds that this module does not know, such as table formats, are bound with
 * their kind:
 *
 * <pre>{@code
 * Multibinder.newSetBinder(binder(), Extension.class)
 *     .addBinding().toInstance(new Extension<>(TableFormat.KIND, new JsonLinesFormat()));
 * }</pre>
 *
 * <p>Pass such modules to the injector, or name them in the setting {@code modules}. To replace a
 * binding, override it: {@code Modules.override(new MeasureFlowModule(config)).with(myModule)}.
 *
 * <p>The code that gets the {@link Backend} must close it.
 */
public final class MeasureFlowModule extends AbstractModule {

  private final RunConfig config;

  /** Creates the wiring for a configuration. */
  public MeasureFlowModule(RunConfig config) {
    this.config = config;
  }

  @Override
  protected void configure() {
    bind(RunConfig.class).toInstance(config);
    Multibinder.newSetBinder(binder(), Family.class);
    Multibinder.newSetBinder(binder(), Activation.class);
    Multibinder.newSetBinder(binder(), LayerType.class);
    Multibinder.newSetBinder(binder(), Loss.class);
    Multibinder.newSetBinder(binder(), Flow.class);
    Multibinder.newSetBinder(binder(), BackendProvider.class);
    Multibinder.newSetBinder(binder(), DatasetProvider.class);
    Multibinder.newSetBinder(binder(), DatasetConverter.class);
    Multibinder.newSetBinder(binder(), DatasetFetcher.class);
    Multibinder.newSetBinder(binder(), PredictionWriter.class);
    Multibinder.newSetBinder(binder(), Extension.class);
    config.modules().forEach(name -> install(module(name)));
  }

  private static Module module(String name) {
    String where = RunConfig.ROOT + ".modules";
    try {
      Class<?> type = Class.forName(name);
      if (Module.class.isAssignableFrom(type)) {
        return (Module) type.getConstructor().newInstance();
      }
      throw InvalidRequestException.of(
          where, "a class that implements " + Module.class.getName(), name, "Name a Guice module.");
    } catch (ClassNotFoundException e) {
      throw new InvalidRequestException(
          where
              + ": expected a class on the class path, found no class '"
              + name
              + "'. Put its jar there, or correct the name.",
          e);
    } catch (ReflectiveOperationException | LinkageError e) {
      throw new InvalidRequestException(
          where
              + ": expected a Guice module with a public constructor without parameters, found "
              + name
              + ", which cannot be made: "
              + (e.getCause() == null ? e : e.getCause())
              + ". Fix it, or leave it out.",
          e);
    }
  }

  /** Returns the extensions on the class path and those that modules bind. */
  @Provides
  @Singleton
  @SuppressWarnings("rawtypes") // Extension.class is the key that is easiest to bind
  Extensions extensions(
      Set<Family> families,
      Set<Activation> activations,
      Set<LayerType> layers,
      Set<Loss> losses,
      Set<Flow> flows,
      Set<BackendProvider> backends,
      Set<DatasetProvider> datasets,
      Set<DatasetConverter> converters,
      Set<DatasetFetcher> fetchers,
      Set<PredictionWriter> writers,
      Set<Extension> others) {
    Extensions extensions =
        Extensions.onClassPath()
            .with(Family.KIND, families)
            .with(Activation.KIND, activations)
            .with(LayerType.KIND, layers)
            .with(Loss.KIND, losses)
            .with(Flow.KIND, flows)
            .with(BackendProvider.KIND, backends)
            .with(DatasetProvider.KIND, datasets)
            .with(DatasetConverter.KIND, converters)
            .with(DatasetFetcher.KIND, fetchers)
            .with(PredictionWriter.KIND, writers);
    for (Extension<?> other : others) {
      extensions = extensions.with(other);
    }
    return extensions;
  }

  @Provides
  @Singleton
  Backends backends(Extensions extensions) {
    return Backends.of(extensions);
  }

  @Provides
  @Singleton
  Datasets datasets(Extensions extensions) {
    return Datasets.of(extensions);
  }

  @Provides
  @Singleton
  Converters converters(Extensions extensions) {
    return Converters.of(extensions);
  }

  @Provides
  @Singleton
  PredictionWriters predictionWriters(Extensions extensions) {
    return PredictionWriters.of(extensions);
  }

  @Provides
  @Singleton
  Fetchers fetchers(Extensions extensions) {
    return Fetchers.of(extensions);
  }

  /** Returns the backend that the configuration chooses, opened once. */
  @Provides
  @Singleton
  Backend backend(Backends backends, RunConfig chosen) {
    return backends.open(chosen.backend());
  }

  /** Returns a trainer on the chosen backend. */
  @Provides
  Trainer trainer(Backend backend, RunConfig chosen) {
    return new Trainer(backend, chosen.training().prefetch());
  }
}
