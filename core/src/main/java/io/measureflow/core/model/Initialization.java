package io.measureflow.core.model;

import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.measure.GaussianFamily;
import io.measureflow.api.measure.Initializer;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.core.layers.MeasureLayer;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.SplittableRandom;

/** Draws the parameters of a model before training. */
public final class Initialization {

  private Initialization() {}

  /** Draws parameters with the scale that suits the model: {@link InitialScale#AUTO}. */
  public static SequencedMap<String, Tensor> parameters(
      ModelSpec spec, long seed, Precision precision) {
    return parameters(spec, InitialScale.AUTO, seed, precision);
  }

  /**
   * Draws parameters as each {@link ParameterSpec} and the scale say. Every tensor has its own
   * random stream, derived from the seed, its layer and its name: families that share a parameter
   * start it alike, and precisions differ by rounding only.
   */
  public static SequencedMap<String, Tensor> parameters(
      ModelSpec spec, InitialScale scale, long seed, Precision precision) {
    boolean preserves = scale.preservesVariance(spec);
    var parameters = new LinkedHashMap<String, Tensor>();
    spec.byPath()
        .forEach(
            (path, layer) -> {
              for (ParameterSpec parameter : layer.parameters()) {
                String name = Model.parameterName(path, parameter.name());
                Tensor drawn = draw(parameter, seed, name, precision);
                if (preserves
                    && layer instanceof MeasureLayer measure
                    && parameter.name().equals(GaussianFamily.OUT_MEAN)) {
                  multiply(drawn, Math.sqrt(measure.mixture().components()));
                }
                parameters.put(name, drawn);
              }
            });
    return parameters;
  }

  private static void multiply(Tensor tensor, double factor) {
    for (int i = 0; i < tensor.shape().size(); i++) {
      tensor.set(i, factor * tensor.get(i));
    }
  }

  private static SplittableRandom random(long seed, String name) {
    return new SplittableRandom(seed * 0x9E3779B97F4A7C15L + name.hashCode());
  }

  private static Tensor draw(ParameterSpec parameter, long seed, String name, Precision precision) {
    Tensor tensor = Tensor.zeros(parameter.shape(), precision.elementType());
    int size = parameter.shape().size();
    switch (parameter.initializer()) {
      case Initializer.Normal(double standardDeviation) -> {
        SplittableRandom random = random(seed, name);
        for (int i = 0; i < size; i++) {
          tensor.set(i, standardDeviation * random.nextGaussian());
        }
      }
      case Initializer.Drawn(Initializer.Draw draw) -> draw.fill(random(seed, name), tensor);
      case Initializer.Constant(double value) -> {
        for (int i = 0; i < size; i++) {
          tensor.set(i, value);
        }
      }
      case Initializer.Diagonal(double value, int offset) -> {
        int rows = parameter.shape().dimension(1);
        int columns = parameter.shape().dimension(2);
        for (int k = 0; k < parameter.shape().dimension(0); k++) {
          for (int row = Math.max(0, -offset); row < rows && row + offset < columns; row++) {
            tensor.set(((long) k * rows + row) * columns + row + offset, value);
          }
        }
      }
    }
    return tensor;
  }
}
