package io.measureflow.core.measures;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.model.LayerSpec;
import io.measureflow.core.model.Model;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The measure that a mixture layer integrates over (specification, sections 1 and 2): a mixture on
 * R^(p+n) of Gaussians in theta = (a, w), for distances between layers, for the spread of a layer
 * and for drawing neurons from it. Where a family leaves the covariance of a open, it is 0.
 */
public final class LayerMeasure {

  /** The families whose components are the Gaussians that their parameters say. */
  private static final Set<String> GAUSSIAN =
      Set.of(Names.DIRAC, Names.ISOTROPIC, Names.DIAGONAL, Names.FACTORED, Names.FULL);

  private LayerMeasure() {}

  /**
   * Reads a layer of a model.
   *
   * @param layer its number, from 0
   * @throws InvalidRequestException if it is no mixture layer of a Gaussian family
   */
  public static GaussianMixture of(Model model, int layer) {
    LayerSpec found = model.spec().layers().get(layer);
    if (!(found instanceof LayerSpec.GaussianMixture spec) || !GAUSSIAN.contains(spec.family())) {
      throw InvalidRequestException.of(
          "layer " + layer,
          "a mixture layer of one of the families " + new TreeSet<>(GAUSSIAN),
          found.toString(),
          "Only the components of these are Gaussians on neurons.");
    }
    int count = spec.components();
    int p = spec.outputs();
    int n = spec.bias() ? spec.inputs() + 1 : spec.inputs();
    double[] out = values(model, layer, Names.OUT_MEAN).orElseThrow();
    double[] in = values(model, layer, Names.IN_MEAN).orElseThrow();
    // [K] or [K, n]: one number for each component, or for each of its coordinates.
    double[] std = values(model, layer, Names.IN_STD).orElse(new double[count]);
    double[] inFactor = values(model, layer, Names.IN_FACTOR).orElse(new double[0]);
    double[] outFactor = values(model, layer, Names.OUT_FACTOR).orElse(new double[0]);
    int rank = inFactor.length / (count * n);

    var components = new ArrayList<Gaussian>(count);
    for (int k = 0; k < count; k++) {
      double[] mean = new double[p + n];
      System.arraycopy(out, k * p, mean, 0, p);
      System.arraycopy(in, k * n, mean, p, n);
      double[] spread = new double[p + n];
      for (int i = 0; i < n; i++) {
        spread[p + i] = std.length == count ? std[k] : std[k * n + i];
      }
      double[] factor = new double[(p + n) * rank];
      System.arraycopy(outFactor, k * p * rank, factor, 0, p * rank);
      System.arraycopy(inFactor, k * n * rank, factor, p * rank, n * rank);
      components.add(Gaussian.factored(mean, spread, factor, rank));
    }
    double[] logWeights = values(model, layer, Names.LOG_WEIGHTS).orElseThrow();
    return new GaussianMixture(softmax(logWeights), components);
  }

  private static Optional<double[]> values(Model model, int layer, String name) {
    return Optional.ofNullable(model.parameters().get(Model.parameterName(layer, name)))
        .map(Tensor::toDoubles);
  }

  private static double[] softmax(double[] logWeights) {
    double largest = Arrays.stream(logWeights).max().orElseThrow();
    double[] weights = new double[logWeights.length];
    double sum = 0;
    for (int k = 0; k < weights.length; k++) {
      weights[k] = Math.exp(logWeights[k] - largest);
      sum += weights[k];
    }
    for (int k = 0; k < weights.length; k++) {
      weights[k] /= sum;
    }
    return weights;
  }
}
