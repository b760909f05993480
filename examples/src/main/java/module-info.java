/** Extensions from outside, one of each kind, as docs/extensions.md explains them. */
module io.measureflow.examples {
  requires transitive com.google.guice;
  requires transitive io.measureflow.core;
  requires transitive io.measureflow.datasets;
  requires static org.jspecify;

  exports io.measureflow.examples;

  provides io.measureflow.api.activation.Activation with
      io.measureflow.examples.Bump;
  provides io.measureflow.api.backend.BackendProvider with
      io.measureflow.examples.TracingBackendProvider;
  provides io.measureflow.api.data.DatasetProvider with
      io.measureflow.examples.SpiralsProvider;
  provides io.measureflow.api.flow.Flow with
      io.measureflow.examples.Lion;
  provides io.measureflow.api.measure.Family with
      io.measureflow.examples.AntitheticFamily,
      io.measureflow.examples.TiedFamily;
  provides io.measureflow.api.model.LayerType with
      io.measureflow.examples.ScaleLayer.Type;
  provides io.measureflow.api.model.Loss with
      io.measureflow.examples.Pinball;
  provides io.measureflow.datasets.format.TableFormat with
      io.measureflow.examples.JsonLinesFormat;
}
