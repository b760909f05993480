package io.measureflow.core.config;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import com.google.inject.multibindings.MapBinder;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendProvider;
import io.measureflow.api.measure.Family;
import io.measureflow.core.families.Families;
import io.measureflow.core.training.Trainer;

/**
 * The wiring of a run: the configuration, backends and families by name, the backend that the
 * configuration chooses, and a trainer on it. A module beside it adds a backend or a family of
 * one's own by name:
 *
 * <pre>{@code
 * MapBinder.newMapBinder(binder(), String.class, Family.class)
 *     .addBinding("ring").to(RingFamily.class);
 * }</pre>
 *
 * <p>To put something else in a place, override it: {@code Modules.override(new
 * MeasureFlowModule(config)).with(myModule)}.
 *
 * <p>Whoever gets the {@link Backend} closes it.
 */
public final class MeasureFlowModule extends AbstractModule {

  private final RunConfig config;

  /** The wiring for a configuration. */
  public MeasureFlowModule(RunConfig config) {
    this.config = config;
  }

  @Override
  protected void configure() {
    bind(RunConfig.class).toInstance(config);
    bind(Backends.class);
    MapBinder<String, BackendProvider> providers =
        MapBinder.newMapBinder(binder(), String.class, BackendProvider.class);
    for (BackendProvider provider : Backends.onClassPath().providers()) {
      providers.addBinding(provider.name()).toInstance(provider);
    }
    bind(Families.class);
    MapBinder<String, Family> families =
        MapBinder.newMapBinder(binder(), String.class, Family.class);
    Families.onClassPath()
        .byName()
        .forEach((name, family) -> families.addBinding(name).toInstance(family));
  }

  /** The backend that the configuration chooses, opened once. */
  @Provides
  @Singleton
  Backend backend(Backends backends, RunConfig chosen) {
    return backends.open(chosen.backend());
  }

  /** A trainer on the chosen backend. */
  @Provides
  Trainer trainer(Backend backend, RunConfig chosen) {
    return new Trainer(backend, chosen.training().prefetch());
  }
}
