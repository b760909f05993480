package io.measureflow.core.measures;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.measure.ComponentSize;
import io.measureflow.api.measure.GaussianFamily;
import io.measureflow.core.layers.MeasureLayer;
import io.measureflow.core.model.MixtureWeights;
import io.measureflow.core.model.Model;
import java.util.ArrayList;
import java.util.function.Function;

/**
 * The measure that a mixture layer integrates over (docs/mathematics.md, sections 1 and 2): a
 * mixture of Gaussians in theta = (a, w) on R^(p+n), for distances between layers, the spread of a
 * layer and sampling neurons from it. Where a family defines no covariance for a, it is 0.
 */
public final class LayerMeasure {

  private LayerMeasure() {}

  /**
   * Reads a layer of the stack of a model.
   *
   * @param layer the index of the layer, from 0
   * @throws InvalidRequestException if it has no measure of a Gaussian family
   */
  public static GaussianMixture of(Model model, int layer) {
    return of(model, "layers." + layer);
  }

  /**
   * Reads a layer of a model.
   *
   * @param layer the path of the layer, {@code layers.2.layers.0}
   * @throws InvalidRequestException if it has no measure of a Gaussian family
   */
  public static GaussianMixture of(Model model, String layer) {
    if (!(model.spec().byPath().get(layer) instanceof MeasureLayer measure)) {
      throw refused(layer, String.valueOf(model.spec().byPath().get(layer)));
    }
    return of(measure, layer, name -> model.parameter(Model.parameterName(layer, name)));
  }

  /**
   * Reads a layer.
   *
   * @param where the layer, for messages
   * @param parameters its parameters by their names within the layer
   * @throws InvalidRequestException if its family is not Gaussian
   */
  public static GaussianMixture of(
      MeasureLayer measure, String where, Function<String, Tensor> parameters) {
    if (!(measure.mixture().family() instanceof GaussianFamily family)) {
      throw refused(where, measure.toString());
    }
    ComponentSize size = measure.mixture().size();
    double[] out = parameters.apply(GaussianFamily.OUT_MEAN).toDoubles();
    double[] in = parameters.apply(GaussianFamily.IN_MEAN).toDoubles();
    int p = size.outputs();
    int n = size.inputs();
    var components = new ArrayList<Gaussian>(size.components());
    for (int k = 0; k < size.components(); k++) {
      double[] mean = new double[p + n];
      System.arraycopy(out, k * p, mean, 0, p);
      System.arraycopy(in, k * n, mean, p, n);
      GaussianFamily.Root root = family.root(size, parameters, k);
      components.add(
          Gaussian.factored(
              mean,
              root.standardDeviations().toDoubles(),
              root.factor().toDoubles(),
              root.factor().shape().dimension(1)));
    }
    return new GaussianMixture(
        MixtureWeights.of(parameters.apply(Names.LOG_WEIGHTS).toDoubles()), components);
  }

  private static InvalidRequestException refused(String where, String found) {
    return InvalidRequestException.of(
        where,
        "a layer with a measure of a Gaussian family",
        found,
        "Only components of these are Gaussians on neurons.");
  }
}
