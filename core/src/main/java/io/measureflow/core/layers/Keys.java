package io.measureflow.core.layers;

/** The keys of descriptions of layers. */
final class Keys {

  static final String FAMILY = "family";
  static final String ACTIVATION = "activation";
  static final String BIAS = "bias";
  static final String INPUTS = "inputs";
  static final String OUTPUTS = "outputs";
  static final String COMPONENTS = "components";
  static final String RANK = "rank";

  private Keys() {}
}
