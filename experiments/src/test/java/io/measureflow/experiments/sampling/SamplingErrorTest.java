package io.measureflow.experiments.sampling;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Table;
import io.measureflow.api.measure.Family;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.families.Families;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.measures.GaussianMixture;
import io.measureflow.core.measures.LayerMeasure;
import io.measureflow.core.measures.NeuronSampling;
import io.measureflow.core.model.Initialization;
import io.measureflow.core.model.Model;
import io.measureflow.experiments.data.FirstRows;
import io.measureflow.experiments.data.Outputs;
import io.measureflow.experiments.results.Sample;
import io.measureflow.experiments.testing.Clouds;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The exact error of drawn networks against networks that are drawn. */
class SamplingErrorTest {

  private static final int ROWS = 40;
  private static final int CLASSES = Clouds.CLASSES;

  private final Table rows = FirstRows.of(new Clouds(ROWS, 10).train(), ROWS);
  private final int[] labels = Outputs.labels(rows);

  private static Model model(Family family, int rank) {
    var spec =
        new ModelSpec(
            List.of(
                new MixtureLayer(family, Activations.RELU, true, Clouds.INPUTS, CLASSES, 4, rank)));
    return Model.of(spec, Initialization.parameters(spec, 3, Precision.FLOAT32), "test");
  }

  /** a relu(w.x) for every neuron, by hand. */
  private static double[] neuron(double[] theta, double[] x) {
    double z = theta[theta.length - 1];
    for (int j = 0; j < Clouds.INPUTS; j++) {
      z += theta[CLASSES + j] * x[j];
    }
    double[] output = new double[CLASSES];
    for (int i = 0; i < CLASSES; i++) {
      output[i] = theta[i] * Math.max(0, z);
    }
    return output;
  }

  private double[] row(int row) {
    var tensor = Tensor.zeros(Shape.of(1, Clouds.INPUTS), ElementType.FLOAT64);
    rows.features(new int[] {row}, 0, tensor);
    return tensor.toDoubles();
  }

  private void assertCovariances(Family family, int rank) {
    Model model = model(family, rank);
    try (Backend backend = Clouds.backend()) {
      double[] outputs = Outputs.of(backend, model, rows);
      var exact = SamplingError.of(backend, model, rows, outputs, labels);
      int draws = 60_000;
      GaussianMixture measure = LayerMeasure.of(model, 0);
      double[] theta = measure.sample(draws, new SplittableRandom(5));
      int width = measure.dimension();
      for (int row : new int[] {0, 1, 17}) {
        double[] x = row(row);
        double[] mean = new double[CLASSES];
        double[] products = new double[CLASSES * CLASSES];
        double[] squares = new double[CLASSES * CLASSES];
        double[] f = {
          outputs[row * CLASSES], outputs[row * CLASSES + 1], outputs[row * CLASSES + 2]
        };
        for (int m = 0; m < draws; m++) {
          double[] own = neuron(Arrays.copyOfRange(theta, m * width, (m + 1) * width), x);
          for (int i = 0; i < CLASSES; i++) {
            mean[i] += own[i] / draws;
            for (int j = 0; j < CLASSES; j++) {
              double product = (own[i] - f[i]) * (own[j] - f[j]);
              products[i * CLASSES + j] += product / draws;
              squares[i * CLASSES + j] += product * product / draws;
            }
          }
        }
        double[] covariance = exact.covariance(row);
        for (int i = 0; i < covariance.length; i++) {
          double error = Math.sqrt((squares[i] - products[i] * products[i]) / draws);
          int index = i;
          assertTrue(
              Math.abs(products[i] - covariance[i]) <= 5 * error,
              () ->
                  family.name()
                      + " entry "
                      + index
                      + ": drawn "
                      + products[index]
                      + ", exact "
                      + covariance[index]
                      + ", standard error "
                      + error);
        }
      }
    }
  }

  @Test
  void covariancesAreThoseOfNeuronsThatAreDrawn() {
    assertCovariances(Families.ISOTROPIC, 0);
    assertCovariances(Families.DIAGONAL, 0);
    assertCovariances(Families.FACTORED, 2);
    assertCovariances(Families.FULL, 0);
  }

  @Test
  void networksThatAreDrawnHaveTheExpectedErrorAndAccuracy() {
    Model model = model(Families.FACTORED, 2);
    try (Backend backend = Clouds.backend()) {
      double[] outputs = Outputs.of(backend, model, rows);
      var exact = SamplingError.of(backend, model, rows, outputs, labels);
      var sampling = new NeuronSampling(CLASSES, true, Activations.RELU);
      GaussianMixture measure = LayerMeasure.of(model, 0);
      var random = new SplittableRandom(8);
      int neurons = 400;
      int networks = 300;
      double[] squares = new double[networks];
      double[] accuracies = new double[networks];
      for (int i = 0; i < networks; i++) {
        double[] own = Outputs.of(backend, sampling.diracLayer(measure, neurons, random), rows);
        double error = Outputs.rootMeanSquare(own, outputs);
        squares[i] = error * error;
        accuracies[i] = Outputs.accuracy(own, labels);
      }
      Sample square = Sample.of(squares);
      double expected = exact.rootMeanSquare(neurons) * exact.rootMeanSquare(neurons);
      assertTrue(
          Math.abs(square.mean() - expected) <= 5 * square.error(),
          () -> "drawn " + square + ", exact " + expected);

      var accuracy = exact.accuracy(neurons, 200, new SplittableRandom(2));
      Sample drawn = Sample.of(accuracies);
      // Besides the errors of both means: that 400 neurons are not infinitely many.
      assertTrue(
          Math.abs(drawn.mean() - accuracy.expected()) <= 5 * drawn.error() + 0.01,
          () -> "drawn " + drawn + ", expected " + accuracy);
      assertTrue(
          accuracy.low() <= accuracy.expected() && accuracy.expected() <= accuracy.high(),
          accuracy.toString());
      // With ever more neurons the band closes around the layer itself.
      double layer = Outputs.accuracy(outputs, labels);
      var many = exact.accuracy(Integer.MAX_VALUE, 4, new SplittableRandom(2));
      assertTrue(Math.abs(many.low() - layer) <= 1e-9, many.toString());
      assertTrue(Math.abs(many.expected() - layer) <= 1e-9, many.toString());
    }
  }
}
