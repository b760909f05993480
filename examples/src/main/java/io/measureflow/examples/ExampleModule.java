package io.measureflow.examples;

import com.google.inject.AbstractModule;
import com.google.inject.multibindings.Multibinder;
import io.measureflow.api.activation.Activation;
import io.measureflow.api.backend.BackendProvider;
import io.measureflow.api.data.DatasetProvider;
import io.measureflow.api.flow.Flow;
import io.measureflow.api.measure.Family;
import io.measureflow.api.model.LayerType;
import io.measureflow.api.model.Loss;
import io.measureflow.api.registry.Extension;
import io.measureflow.datasets.format.TableFormat;

/**
 * The examples under other names, without any service file: {@code modules =
 * ["io.measureflow.examples.ExampleModule"]}.
 */
public final class ExampleModule extends AbstractModule {

  @Override
  protected void configure() {
    bind(Family.class, new TiedFamily("bound-tied"));
    bind(Activation.class, new Bump("bound-bump"));
    bind(LayerType.class, new ScaleLayer.Type("bound-scale"));
    bind(Loss.class, new Pinball("bound-pinball", 0.5));
    bind(Flow.class, new Lion("bound-lion", 0.9, 0.99));
    bind(BackendProvider.class, new TracingBackendProvider("bound-tracing"));
    bind(DatasetProvider.class, new SpiralsProvider("bound-spirals"));
    Multibinder.newSetBinder(binder(), Extension.class)
        .addBinding()
        .toInstance(new Extension<>(TableFormat.KIND, new JsonLinesFormat("bound-jsonl")));
  }

  private <T> void bind(Class<T> kind, T extension) {
    Multibinder.newSetBinder(binder(), kind).addBinding().toInstance(extension);
  }
}
