package io.measureflow.core.training;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.measure.Role;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.core.model.MixtureWeights;
import io.measureflow.core.model.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The distance between two states of a model in the metric of the lifted coordinates: the square
 * root of sum_k pi_k metric |difference|^2 over means and spreads. Moving each component along its
 * own coordinates is one transport between the measures, so for equal weights this bounds their
 * Wasserstein distance from above.
 */
final class LiftedDistance {

  private record Coordinate(String name, double metric, List<String> logWeights) {}

  private final List<Coordinate> coordinates = new ArrayList<>();

  LiftedDistance(ModelSpec spec) {
    spec.byPath().forEach(this::add);
  }

  private void add(String path, Layer layer) {
    List<String> logWeights =
        layer.parameters().stream()
            .filter(parameter -> parameter.role().equals(Role.WEIGHTS))
            .map(parameter -> Model.parameterName(path, parameter.name()))
            .toList();
    for (ParameterSpec parameter : layer.parameters()) {
      if (!parameter.role().equals(Role.WEIGHTS) && !parameter.role().equals(Role.STATISTICS)) {
        coordinates.add(
            new Coordinate(
                Model.parameterName(path, parameter.name()),
                parameter.metric(),
                parameter.shared() ? List.of() : logWeights));
      }
    }
  }

  /** Computes the distance with the weights of the first state. */
  double between(Map<String, Tensor> from, Map<String, Tensor> to) {
    double sum = 0;
    for (Coordinate coordinate : coordinates) {
      double[] a = of(from, coordinate.name());
      double[] b = of(to, coordinate.name());
      double[] weights =
          coordinate.logWeights().isEmpty()
              ? new double[] {1}
              : MixtureWeights.of(of(from, coordinate.logWeights().getFirst()));
      int perWeight = a.length / weights.length;
      for (int i = 0; i < a.length; i++) {
        double difference = b[i] - a[i];
        sum += weights[i / perWeight] * coordinate.metric() * difference * difference;
      }
    }
    return Math.sqrt(sum);
  }

  private static double[] of(Map<String, Tensor> state, String name) {
    Tensor tensor = state.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("State: expected " + name + ", found " + state.keySet());
    }
    return tensor.toDoubles();
  }
}
