/** The contracts of MeasureFlow: programs, measures, layers, flows, backends, datasets. */
module io.measureflow.api {
  requires static transitive org.jspecify;

  exports io.measureflow.api.activation;
  exports io.measureflow.api.backend;
  exports io.measureflow.api.data;
  exports io.measureflow.api.error;
  exports io.measureflow.api.flow;
  exports io.measureflow.api.io;
  exports io.measureflow.api.measure;
  exports io.measureflow.api.model;
  exports io.measureflow.api.program;
  exports io.measureflow.api.registry;

  // Providers of these services join an application's modules without being required.
  uses io.measureflow.api.activation.Activation;
  uses io.measureflow.api.backend.BackendProvider;
  uses io.measureflow.api.data.DatasetConverter;
  uses io.measureflow.api.data.DatasetFetcher;
  uses io.measureflow.api.data.DatasetProvider;
  uses io.measureflow.api.data.PredictionWriter;
  uses io.measureflow.api.flow.Flow;
  uses io.measureflow.api.measure.Family;
  uses io.measureflow.api.model.LayerType;
  uses io.measureflow.api.model.Loss;
}
