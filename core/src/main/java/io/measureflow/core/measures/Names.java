package io.measureflow.core.measures;

import io.measureflow.api.measure.GaussianFamily;

/** The names of parameters in models and checkpoints (docs/mathematics.md, section 2). */
final class Names {

  static final String OUT_MEAN = GaussianFamily.OUT_MEAN;
  static final String IN_MEAN = GaussianFamily.IN_MEAN;
  static final String IN_STD = "in_std";
  static final String LOG_WEIGHTS = "log_weights";

  static final String WEIGHT = "weight";
  static final String BIAS = "bias";

  private Names() {}
}
