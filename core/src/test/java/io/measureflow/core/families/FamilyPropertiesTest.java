package io.measureflow.core.families;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.measure.ComponentSize;
import io.measureflow.api.measure.Family;
import io.measureflow.api.measure.GaussianFamily;
import io.measureflow.api.measure.Role;
import io.measureflow.api.registry.Extensions;
import io.measureflow.core.flows.Wasserstein;
import io.measureflow.core.losses.Losses;
import io.measureflow.core.model.Model;
import io.measureflow.core.training.Objective;
import io.measureflow.core.training.Trainable;
import io.measureflow.core.training.TrainingPrograms;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.apache.commons.numbers.gamma.Erf;

/** Properties of every family with every activation, for any sizes and parameters. */
class FamilyPropertiesTest {

  private static final Trainable ALL = new Trainable(Role.STANDARD, 1, Double.POSITIVE_INFINITY);

  /** The contribution of events too rare to be drawn. */
  private static final double RARE = 1e-4;

  @Provide
  Arbitrary<String> families() {
    return Arbitraries.of(List.copyOf(Extensions.onClassPath().of(Family.KIND).names()));
  }

  @Provide
  Arbitrary<String> activations() {
    return Arbitraries.of(List.copyOf(Extensions.onClassPath().of(Activation.KIND).names()));
  }

  // ---- gradients ----

  @Property(tries = 300, seed = "8121")
  void gradientsAgreeWithCentralDifferences(
      @ForAll("families") String family,
      @ForAll("activations") String activation,
      @ForAll boolean bias,
      @ForAll boolean functionals,
      @ForAll @IntRange(min = 1, max = 3) int inputs,
      @ForAll @IntRange(min = 1, max = 3) int outputs,
      @ForAll @IntRange(min = 1, max = 3) int components,
      @ForAll @IntRange(max = 1_000_000) int seed) {
    var scenario = Scenario.of(family, activation, bias, inputs, outputs, components, seed);
    var objective =
        new Objective(
            Losses.SOFTMAX_CROSS_ENTROPY,
            functionals ? 0.3 : 0,
            functionals && !family.equals("dirac") ? 0.2 : 0);
    scenario.run(
        TrainingPrograms.gradients(scenario.model(), objective, ALL, 0, Scenario.BATCH),
        (workspace, executable) -> {
          scenario
              .parameters()
              .forEach(
                  (name, tensor) -> {
                    executable.run();
                    double[] gradient =
                        executable.output(TrainingPrograms.gradientName(name)).toDoubles();
                    for (int i = 0; i < gradient.length; i++) {
                      double at = tensor.get(i);
                      // A spread of 0.01 makes the logarithm curve strongly.
                      double step = 1e-5 * Math.min(1, 10 * Math.abs(at));
                      Tensor moved = tensor.to(tensor.type());
                      double[] energies = new double[2];
                      for (int side = 0; side < 2; side++) {
                        moved.set(i, at + (side == 0 ? step : -step));
                        workspace.write(name, moved);
                        executable.run();
                        energies[side] = executable.output(TrainingPrograms.ENERGY).get(0);
                      }
                      workspace.write(name, tensor);
                      double difference = (energies[0] - energies[1]) / (2 * step);
                      double error = Math.abs(gradient[i] - difference);
                      // Rounding, and the third derivative of a logarithm of slope d.
                      double size = Math.abs(difference);
                      double allowed =
                          1e-6 * Math.max(1, size)
                              + 1e-11 / step
                              + 100 * step * step * size * size * size;
                      if (!(error <= allowed)) {
                        fail(
                            name
                                + "["
                                + i
                                + "]: expected "
                                + difference
                                + ", found "
                                + gradient[i]);
                      }
                    }
                  });
        });
  }

  // ---- Monte Carlo ----

  /** Returns the definitions, independent of the closed forms. */
  private static DoubleUnaryOperator function(String activation) {
    return switch (activation) {
      case "identity" -> z -> z;
      case "quadratic" -> z -> z * z;
      case "relu" -> z -> Math.max(z, 0);
      case "leaky_relu" -> z -> z > 0 ? z : 0.01 * z;
      case "step" -> z -> z > 0 ? 1 : 0;
      case "erf" -> Erf::value;
      case "gelu" -> z -> z * (1 + Erf.value(z / Math.sqrt(2))) / 2;
      case "sin" -> Math::sin;
      case "cos" -> Math::cos;
      case "tanh" -> Math::tanh;
      case "sigmoid" -> z -> 1 / (1 + Math.exp(-z));
      case "silu" -> z -> z / (1 + Math.exp(-z));
      case "softplus" -> z -> Math.log1p(Math.exp(z));
      default -> throw new IllegalArgumentException("No definition of " + activation);
    };
  }

  @Property(tries = 150, seed = "4711")
  void outputsAndVariancesAgreeWithMonteCarlo(
      @ForAll("families") String family,
      @ForAll("activations") String activation,
      @ForAll boolean bias,
      @ForAll @IntRange(min = 1, max = 3) int components,
      @ForAll @IntRange(max = 1_000_000) int seed) {
    int inputs = 3;
    int outputs = 2;
    int n = bias ? inputs + 1 : inputs;
    var scenario = Scenario.of(family, activation, bias, inputs, outputs, components, seed);
    int draws = 20_000;
    double[][] neurons = neurons(scenario, n, outputs, draws, seed);
    DoubleUnaryOperator sigma = function(activation);
    scenario.run(
        TrainingPrograms.uncertainty(scenario.model(), Scenario.BATCH),
        (workspace, executable) -> {
          executable.run();
          for (int row = 0; row < Scenario.BATCH; row++) {
            for (int j = 0; j < outputs; j++) {
              double[] samples = new double[draws];
              for (int draw = 0; draw < draws; draw++) {
                double z = bias ? neurons[draw][outputs + inputs] : 0;
                for (int i = 0; i < inputs; i++) {
                  z +=
                      neurons[draw][outputs + i] * scenario.features().get((long) row * inputs + i);
                }
                samples[draw] = neurons[draw][j] * sigma.applyAsDouble(z);
              }
              check(executable, (long) row * outputs + j, samples);
            }
          }
        });
  }

  /** Checks that mean and variance are within five of their own standard errors. */
  private static void check(Executable executable, long position, double[] samples) {
    double mean = 0;
    for (double sample : samples) {
      mean += sample / samples.length;
    }
    double second = 0;
    double fourth = 0;
    for (double sample : samples) {
      double square = (sample - mean) * (sample - mean);
      second += square / samples.length;
      fourth += square * square / samples.length;
    }
    double meanError = Math.sqrt(second / samples.length);
    double varianceError = Math.sqrt(Math.max(0, fourth - second * second) / samples.length);
    double output = executable.output(TrainingPrograms.OUTPUT).get(position);
    double variance = executable.output(TrainingPrograms.VARIANCE).get(position);
    double drawnMean = mean;
    assertTrue(
        Math.abs(output - drawnMean) <= 5 * meanError + RARE,
        () -> "output: expected " + output + ", drew " + drawnMean + " +- " + meanError);
    double drawn = second;
    assertTrue(
        Math.abs(variance - drawn) <= 5 * varianceError + 1e-4 * drawn + RARE,
        () -> "variance: expected " + variance + ", drew " + drawn + " +- " + varianceError);
  }

  /** Draws neurons (a, w) from the layer's measure by the roots of its covariances. */
  private static double[][] neurons(Scenario scenario, int n, int outputs, int draws, long seed) {
    var family = (GaussianFamily) scenario.spec().family();
    int components = scenario.spec().components();
    ComponentSize size = scenario.spec().size();
    var roots = new ArrayList<GaussianFamily.Root>();
    for (int k = 0; k < components; k++) {
      roots.add(family.root(size, name -> parameter(scenario, name), k));
    }
    double[] logs = parameter(scenario, "log_weights").toDoubles();
    double total = 0;
    for (double log : logs) {
      total += Math.exp(log);
    }
    var random = new SplittableRandom(seed + 1);
    double[][] neurons = new double[draws][outputs + n];
    for (double[] neuron : neurons) {
      double left = random.nextDouble() * total;
      int k = 0;
      while (k < components - 1 && left > Math.exp(logs[k])) {
        left -= Math.exp(logs[k]);
        k++;
      }
      GaussianFamily.Root root = roots.get(k);
      int columns = root.factor().shape().dimension(1);
      double[] e = new double[columns];
      for (int c = 0; c < columns; c++) {
        e[c] = random.nextGaussian();
      }
      for (int i = 0; i < neuron.length; i++) {
        neuron[i] =
            i < outputs
                ? parameter(scenario, GaussianFamily.OUT_MEAN).get((long) k * outputs + i)
                : parameter(scenario, GaussianFamily.IN_MEAN).get((long) k * n + i - outputs);
        neuron[i] += root.standardDeviations().get(i) * random.nextGaussian();
        for (int c = 0; c < columns; c++) {
          neuron[i] += root.factor().get((long) i * columns + c) * e[c];
        }
      }
    }
    return neurons;
  }

  private static Tensor parameter(Scenario scenario, String name) {
    Tensor tensor = scenario.parameters().get(Model.parameterName(0, name));
    if (tensor == null) {
      throw new IllegalArgumentException("No parameter " + name);
    }
    return tensor;
  }

  // ---- flows ----

  @Property(tries = 150, seed = "99")
  void aSmallStepDecreasesTheObjectiveAsTheSlopeSays(
      @ForAll("families") String family,
      @ForAll("activations") String activation,
      @ForAll boolean functionals,
      @ForAll @IntRange(min = 1, max = 3) int components,
      @ForAll @IntRange(max = 1_000_000) int seed) {
    var scenario = Scenario.of(family, activation, true, 3, 3, components, seed);
    var objective =
        new Objective(
            Losses.SOFTMAX_CROSS_ENTROPY,
            functionals ? 0.3 : 0,
            functionals && !family.equals("dirac") ? 1e-4 : 0);
    double h = 1e-6;
    double[] energies = new double[2];
    double[] slope = new double[1];
    scenario.run(
        TrainingPrograms.step(
            scenario.model(), objective, Wasserstein.of(), ALL, true, 0, Scenario.BATCH),
        (workspace, executable) -> {
          executable.input(TrainingPrograms.RATE).set(0, h);
          executable.input(TrainingPrograms.STEP).set(0, 1);
          executable.run();
          energies[0] = executable.output(TrainingPrograms.ENERGY).get(0);
          slope[0] = executable.output(TrainingPrograms.SQUARED_GRADIENT_NORM).get(0);
          executable.run();
          energies[1] = executable.output(TrainingPrograms.ENERGY).get(0);
        });
    double decrease = energies[0] - energies[1];
    double predicted = h * slope[0];
    assertTrue(decrease >= -1e-15, () -> "the objective rose by " + -decrease);
    assertTrue(
        Math.abs(decrease - predicted) <= 0.02 * predicted + 1e-13,
        () -> "expected a decrease of " + predicted + ", found " + decrease);
  }
}
