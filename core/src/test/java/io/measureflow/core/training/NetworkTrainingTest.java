package io.measureflow.core.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.data.Schema.ImageShape;
import io.measureflow.api.flow.Flow;
import io.measureflow.api.flow.LearningRateSchedule;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.Shape;
import io.measureflow.api.registry.Extensions;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.augmentation.ImageRows;
import io.measureflow.core.families.Families;
import io.measureflow.core.inference.Predictor;
import io.measureflow.core.layers.ActivationLayer;
import io.measureflow.core.layers.BatchNormLayer;
import io.measureflow.core.layers.ConvLayer;
import io.measureflow.core.layers.DropoutLayer;
import io.measureflow.core.layers.Kernel;
import io.measureflow.core.layers.MixtureConvLayer;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.layers.PoolLayer;
import io.measureflow.core.layers.ResidualLayer;
import io.measureflow.core.losses.Losses;
import io.measureflow.core.model.Initialization;
import io.measureflow.core.model.Model;
import io.measureflow.core.reference.ReferenceBackendProvider;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Layers that do in training what they do not do in prediction, and networks of them. */
class NetworkTrainingTest {

  private static final ModelSpec NETWORK =
      new ModelSpec(
          Shape.of(1, 6, 8),
          List.of(
              new MixtureConvLayer(
                  new MixtureLayer(Families.DIAGONAL, Activations.RELU, true, 9, 3, 4, 0),
                  1,
                  kernel(3, 1, 1)),
              new BatchNormLayer(3),
              new PoolLayer(PoolLayer.Function.MAX, kernel(2, 2, 0)),
              new ResidualLayer(
                  List.of(
                      new ConvLayer(Activations.IDENTITY, false, 3, 3, kernel(3, 1, 1)),
                      new BatchNormLayer(3),
                      new DropoutLayer(0.25)),
                  List.of()),
              new ActivationLayer(Activations.RELU),
              new MixtureLayer(Families.DIRAC, Activations.RELU, true, 36, 2, 6, 0)));

  private final Backend backend =
      new ReferenceBackendProvider().open(BackendSettings.of(1, Precision.FLOAT64));

  @AfterEach
  void close() {
    backend.close();
  }

  private static Kernel kernel(int size, int stride, int padding) {
    return new Kernel(List.of(size, size), List.of(stride, stride), List.of(padding, padding));
  }

  private static TrainingSettings settings(String flow, double rate, int epochs) {
    return new TrainingSettings(
        Objective.of(Losses.SOFTMAX_CROSS_ENTROPY),
        Extensions.onClassPath().of(Flow.KIND).get(flow),
        Trainable.DEFAULT,
        false,
        new LearningRateSchedule.Constant(),
        rate,
        epochs,
        16,
        3,
        true,
        0.2,
        0);
  }

  private TrainingResult train(
      TrainingState start, TrainingSettings settings, TrainingListener listener) {
    ImageRows images = ImageRows.of(new ImageShape(1, 6, 8), 60);
    return new Trainer(backend).train(NETWORK, start, images, settings, listener);
  }

  private static TrainingState start() {
    return TrainingState.initial(Initialization.parameters(NETWORK, 5, Precision.FLOAT64));
  }

  @ParameterizedTest
  @ValueSource(strings = {"adam", "rk4"})
  void aResumedNetworkEndsWithTheSameBits(String flow) {
    var states = new ArrayList<TrainingState>();
    TrainingSettings settings = settings(flow, flow.equals("adam") ? 0.01 : 0.05, 3);
    TrainingResult whole =
        train(
            start(),
            settings,
            new TrainingListener() {
              @Override
              public void epoch(EpochReport report, TrainingState state, boolean best) {
                states.add(state);
              }
            });
    String statistic = "layers.3.layers.1.running_var";
    assertNotEquals(
        numbers(states.getFirst().tensors(), statistic),
        numbers(states.getLast().tensors(), statistic));
    for (TrainingState state : states.subList(0, 2)) {
      Model resumed = train(state, settings, new TrainingListener() {}).model();
      whole
          .model()
          .parameters()
          .forEach(
              (name, tensor) ->
                  assertEquals(
                      -1, tensor.memory().mismatch(resumed.parameter(name).memory()), name));
    }
  }

  private static String numbers(Map<String, Tensor> tensors, String name) {
    return Arrays.toString(Objects.requireNonNull(tensors.get(name)).toDoubles());
  }

  @Test
  void aRowAloneIsPredictedAsInABatch() {
    Model model = train(start(), settings("adam", 0.01, 1), new TrainingListener() {}).model();
    int rows = 7;
    double[] features = random(rows * 48, 2);
    double[] together =
        run(
            TrainingPrograms.prediction(model.spec(), rows),
            model.parameters(),
            features,
            TrainingPrograms.OUTPUT);
    try (var predictor = new Predictor(backend, model, Optional.empty())) {
      for (int row = 0; row < rows; row++) {
        float[] alone = new float[48];
        for (int j = 0; j < 48; j++) {
          alone[j] = (float) features[row * 48 + j];
        }
        float[] outputs = predictor.outputs(alone);
        for (int j = 0; j < 2; j++) {
          assertClose(together[row * 2 + j], outputs[j], 1e-6, "row " + row);
        }
      }
    }
  }

  private static void assertClose(double expected, double found, double tolerance, String what) {
    assertTrue(
        Math.abs(found - expected) <= tolerance * (1 + Math.abs(expected)),
        what + ": expected " + expected + ", found " + found);
  }

  /** Returns numbers that float32 holds. */
  private static double[] random(int count, long seed) {
    var random = new SplittableRandom(seed);
    double[] numbers = new double[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) random.nextDouble(-1, 1);
    }
    return numbers;
  }

  private double[] run(
      Program program, Map<String, Tensor> parameters, double[] features, String output) {
    try (Workspace workspace = backend.newWorkspace();
        Executable executable = workspace.compile(program)) {
      workspace
          .states()
          .forEach(name -> workspace.write(name, Objects.requireNonNull(parameters.get(name))));
      for (int i = 0; i < features.length; i++) {
        executable.input(TrainingPrograms.FEATURES).set(i, features[i]);
      }
      executable.run();
      return executable.output(output).toDoubles();
    }
  }

  /** Returns the output in training, at a step. */
  private double[] training(Layer layer, Shape sample, double[] features, long seed, int step) {
    var spec = new ModelSpec(sample, List.of(layer));
    int batch = features.length / sample.size();
    try (Workspace workspace = backend.newWorkspace();
        Executable executable =
            workspace.compile(
                TrainingPrograms.gradients(
                    spec,
                    Objective.of(Losses.HALF_SQUARED_ERROR),
                    Trainable.DEFAULT,
                    seed,
                    batch))) {
      Initialization.parameters(spec, 1, Precision.FLOAT64).forEach(workspace::write);
      for (int i = 0; i < features.length; i++) {
        executable.input(TrainingPrograms.FEATURES).set(i, features[i]);
      }
      executable.input(TrainingPrograms.STEP).set(0, step);
      executable.run();
      return executable.output(TrainingPrograms.OUTPUT).toDoubles();
    }
  }

  @Test
  void dropoutKeepsTheMeanAndDrawsAnewInEachStep() {
    int batch = 100;
    double rate = 0.3;
    double[] features = new double[batch * 40];
    Arrays.fill(features, 2);
    var layer = new DropoutLayer(rate);
    Shape sample = Shape.of(2, 4, 5);
    double[] once = training(layer, sample, features, 7, 1);
    double sum = 0;
    for (double y : once) {
      assertTrue(y == 0 || Math.abs(y - 2 / 0.7) <= 1e-14, () -> "found " + y);
      sum += y;
    }
    // Six standard deviations of the mean of independent draws.
    double deviation = 2 * Math.sqrt(rate / (1 - rate) / once.length);
    assertTrue(Math.abs(sum / once.length - 2) <= 6 * deviation, "mean " + sum / once.length);
    assertEquals(Arrays.toString(once), Arrays.toString(training(layer, sample, features, 7, 1)));
    for (double[] other :
        List.of(training(layer, sample, features, 7, 2), training(layer, sample, features, 8, 1))) {
      int different = 0;
      for (int i = 0; i < once.length; i++) {
        different += once[i] == other[i] ? 0 : 1;
      }
      // Two independent draws differ with probability 2 rate (1 - rate) = 0.42.
      assertTrue(Math.abs(different / (double) once.length - 0.42) <= 0.05, "" + different);
    }
    var spec = new ModelSpec(sample, List.of(layer));
    double[] predicted =
        run(TrainingPrograms.prediction(spec, batch), Map.of(), features, TrainingPrograms.OUTPUT);
    assertEquals(Arrays.toString(features), Arrays.toString(predicted));
  }

  /** A batch norm by hand: the mean and the biased variance of each channel of the batch. */
  @Test
  void batchNormTakesTheStatisticsOfTheBatchAndKeepsRunningOnes() {
    int batch = 5;
    int channels = 2;
    int area = 6;
    Shape sample = Shape.of(channels, 2, 3);
    double[] x = random(batch * sample.size(), 4);
    double[] expected = new double[x.length];
    double[] runningMean = new double[channels];
    double[] runningVariance = new double[channels];
    for (int c = 0; c < channels; c++) {
      double mean = 0;
      double square = 0;
      for (int i = 0; i < x.length; i++) {
        if (i / area % channels == c) {
          mean += x[i] / (batch * area);
          square += x[i] * x[i] / (batch * area);
        }
      }
      double variance = square - mean * mean;
      for (int i = 0; i < x.length; i++) {
        if (i / area % channels == c) {
          expected[i] = (x[i] - mean) / Math.sqrt(variance + 1e-5);
        }
      }
      runningMean[c] = 0.1 * mean;
      runningVariance[c] = 0.9 + 0.1 * variance * (batch * area) / (batch * area - 1.0);
    }
    double[] found = training(new BatchNormLayer(channels), sample, x, 1, 1);
    for (int i = 0; i < x.length; i++) {
      assertClose(expected[i], found[i], 1e-12, "element " + i);
    }
    var spec = new ModelSpec(sample, List.of(new BatchNormLayer(channels)));
    try (Workspace workspace = backend.newWorkspace();
        Executable step =
            workspace.compile(
                TrainingPrograms.step(
                    spec,
                    Objective.of(Losses.HALF_SQUARED_ERROR),
                    Extensions.onClassPath().of(Flow.KIND).get("rk4"),
                    Trainable.DEFAULT,
                    false,
                    1,
                    batch))) {
      Initialization.parameters(spec, 1, Precision.FLOAT64).forEach(workspace::write);
      for (int i = 0; i < x.length; i++) {
        step.input(TrainingPrograms.FEATURES).set(i, x[i]);
      }
      step.input(TrainingPrograms.RATE).set(0, 0.1);
      step.run();
      double[] mean = workspace.read("layers.0.running_mean").toDoubles();
      double[] variance = workspace.read("layers.0.running_var").toDoubles();
      for (int c = 0; c < channels; c++) {
        assertClose(runningMean[c], mean[c], 1e-12, "running mean " + c);
        assertClose(runningVariance[c], variance[c], 1e-12, "running variance " + c);
      }
    }
  }
}
