/**
 * MeasureFlow as a library: data, training, trained models, configuration and wiring. Backends and
 * datasets on the module path are found automatically.
 */
module io.measureflow {
  requires transitive io.measureflow.core;
  requires static org.jspecify;
  // In the signature of RunConfig.of.
  requires transitive typesafe.config;
  // For applications that use Guice; nothing else needs it.
  requires static com.google.guice;

  exports io.measureflow;
  exports io.measureflow.config;
  exports io.measureflow.guice;
  exports io.measureflow.tune;

  opens io.measureflow.guice;
}
