/**
 * Families, activations, layers, losses, flows, differentiation, training, checkpoints, distances
 * between measures, and the float64 reference backend.
 */
module io.measureflow.core {
  requires transitive io.measureflow.api;
  requires static org.jspecify;
  requires com.fasterxml.jackson.core;
  requires com.fasterxml.jackson.databind;
  requires ejml.core;
  requires ejml.ddense;
  requires org.apache.commons.numbers.gamma;

  exports io.measureflow.core.activations;
  exports io.measureflow.core.augmentation;
  exports io.measureflow.core.autodiff;
  exports io.measureflow.core.checkpoint;
  exports io.measureflow.core.conversion;
  exports io.measureflow.core.data;
  exports io.measureflow.core.families;
  exports io.measureflow.core.flows;
  exports io.measureflow.core.inference;
  exports io.measureflow.core.layers;
  exports io.measureflow.core.losses;
  exports io.measureflow.core.measures;
  exports io.measureflow.core.metrics;
  exports io.measureflow.core.model;
  exports io.measureflow.core.reference;
  exports io.measureflow.core.training;

  provides io.measureflow.api.activation.Activation with
      io.measureflow.core.activations.Identity,
      io.measureflow.core.activations.Quadratic,
      io.measureflow.core.activations.Relu,
      io.measureflow.core.activations.LeakyRelu,
      io.measureflow.core.activations.Step,
      io.measureflow.core.activations.Erf,
      io.measureflow.core.activations.Gelu,
      io.measureflow.core.activations.Sine,
      io.measureflow.core.activations.Cosine,
      io.measureflow.core.activations.Tanh,
      io.measureflow.core.activations.Sigmoid,
      io.measureflow.core.activations.Silu,
      io.measureflow.core.activations.Softplus;
  provides io.measureflow.api.backend.BackendProvider with
      io.measureflow.core.reference.ReferenceBackendProvider;
  provides io.measureflow.api.flow.Flow with
      io.measureflow.core.flows.Wasserstein,
      io.measureflow.core.flows.Momentum,
      io.measureflow.core.flows.Nesterov,
      io.measureflow.core.flows.Adam,
      io.measureflow.core.flows.AdamW,
      io.measureflow.core.flows.Langevin,
      io.measureflow.core.flows.RungeKutta;
  provides io.measureflow.api.measure.Family with
      io.measureflow.core.families.DiracFamily,
      io.measureflow.core.families.IsotropicFamily,
      io.measureflow.core.families.DiagonalFamily,
      io.measureflow.core.families.FactoredFamily,
      io.measureflow.core.families.FullFamily;
  provides io.measureflow.api.model.LayerType with
      io.measureflow.core.layers.ActivationLayer.Type,
      io.measureflow.core.layers.AttentionLayer.Type,
      io.measureflow.core.layers.BatchNormLayer.Type,
      io.measureflow.core.layers.ConvLayer.Type,
      io.measureflow.core.layers.DenseLayer.Type,
      io.measureflow.core.layers.DropoutLayer.Type,
      io.measureflow.core.layers.FlattenLayer.Type,
      io.measureflow.core.layers.GlobalAveragePoolLayer.Type,
      io.measureflow.core.layers.LayerNormLayer.Type,
      io.measureflow.core.layers.MixtureConvLayer.Type,
      io.measureflow.core.layers.MixtureLayer.Type,
      io.measureflow.core.layers.PoolLayer.AverageType,
      io.measureflow.core.layers.PoolLayer.MaxType,
      io.measureflow.core.layers.PositionLayer.Type,
      io.measureflow.core.layers.ResidualLayer.Type,
      io.measureflow.core.layers.TokensLayer.Type;
  provides io.measureflow.api.model.Loss with
      io.measureflow.core.losses.SoftmaxCrossEntropy,
      io.measureflow.core.losses.HalfSquaredError,
      io.measureflow.core.losses.Huber,
      io.measureflow.core.losses.AbsoluteError,
      io.measureflow.core.losses.BinaryCrossEntropy,
      io.measureflow.core.losses.Poisson;
}
