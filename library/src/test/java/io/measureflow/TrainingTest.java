package io.measureflow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Scaling;
import io.measureflow.api.data.Link;
import io.measureflow.api.data.Preprocessing;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.flow.LearningRateSchedule;
import io.measureflow.core.augmentation.Augmentation;
import io.measureflow.core.data.PreparedDataset;
import io.measureflow.core.flows.Adam;
import io.measureflow.core.flows.AdamW;
import io.measureflow.core.inference.Predictor;
import io.measureflow.core.losses.Losses;
import io.measureflow.core.metrics.Evaluation;
import io.measureflow.core.model.InitialScale;
import io.measureflow.core.training.Trainable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The library as users see it, on the reference backend. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TrainingTest {

  private static final int ROWS = 300;

  @TempDir Path folder;

  private Backend backend;
  private float[][] features;
  private String[] labels;
  private TrainedModel model;

  /** Two classes separated by a circle, with scales and offsets that need standardizing. */
  @BeforeAll
  void train() {
    backend = Backends.open("reference");
    var random = new SplittableRandom(4);
    features = new float[ROWS][2];
    labels = new String[ROWS];
    for (int i = 0; i < ROWS; i++) {
      double x = random.nextDouble(-2, 2);
      double y = random.nextDouble(-2, 2);
      features[i] = new float[] {(float) (100 + 30 * x), (float) (-5 + 0.1 * y)};
      labels[i] = x * x + y * y < 2 ? "inside" : "outside";
    }
    model =
        Training.of(Mixture.diagonal().components(32))
            .flow(Adam.of().beta1(0.8))
            .learningRate(0.05)
            .batch(32)
            .epochs(30)
            .backend(backend)
            .train(Datasets.classes(features, labels));
  }

  @AfterAll
  void close() {
    backend.close();
  }

  private static double accuracy(String[] expected, String[] found) {
    int right = 0;
    for (int i = 0; i < expected.length; i++) {
      right += expected[i].equals(found[i]) ? 1 : 0;
    }
    return (double) right / expected.length;
  }

  @Test
  void aModelPredictsRawRows() {
    String[] predicted = model.predict(features, backend).labels();
    assertTrue(accuracy(labels, predicted) > 0.93, "accuracy " + accuracy(labels, predicted));
    float[][] probabilities = model.predict(features, backend).probabilities();
    for (int i = 0; i < ROWS; i++) {
      assertEquals(1, probabilities[i][0] + probabilities[i][1], 1e-6);
      int larger = probabilities[i][1] > probabilities[i][0] ? 1 : 0;
      assertEquals(model.classes().get(larger), predicted[i]);
    }
  }

  @Test
  void whatIsSavedAndLoadedPredictsTheSame() {
    Path file = folder.resolve("model.safetensors");
    model.save(file);
    TrainedModel loaded = TrainedModel.load(file);
    assertEquals(List.of("inside", "outside"), loaded.classes());
    assertEquals(model.preprocessing(), loaded.preprocessing());
    assertTrue(loaded.provenance().orElseThrow().contains("\"beta1\":0.8"));
    float[][] before = model.predict(features, backend).outputs();
    float[][] after = loaded.predict(features, backend).outputs();
    for (int i = 0; i < ROWS; i++) {
      assertArrayEquals(before[i], after[i]);
    }
  }

  @Test
  void aBoundPredictorSaysTheSame() {
    float[][] outputs = model.predict(features, backend).outputs();
    try (Predictor predictor = model.predictor(backend)) {
      for (int i = 0; i < ROWS; i++) {
        float[] row = features[i].clone();
        float[] found = predictor.outputs(row);
        assertArrayEquals(features[i], row, "the row is not changed");
        for (int j = 0; j < found.length; j++) {
          double difference = Math.abs(found[j] - outputs[i][j]);
          assertTrue(difference <= 1e-5 * (1 + Math.abs(outputs[i][j])), "off by " + difference);
        }
      }
      assertEquals(model.predict(features, backend).labels()[7], predictor.predict(features[7]));
    }
  }

  @Test
  void aBoundPredictorServesSeveralThreads() throws Exception {
    float[][] expected = new float[ROWS][];
    try (Predictor predictor = model.predictor(backend)) {
      for (int i = 0; i < ROWS; i++) {
        expected[i] = predictor.outputs(features[i]);
      }
      try (var pool = Executors.newFixedThreadPool(4)) {
        var tasks = new ArrayList<Callable<Boolean>>();
        for (int t = 0; t < 16; t++) {
          int from = 17 * t;
          tasks.add(
              () -> {
                for (int n = 0; n < ROWS; n++) {
                  int i = (from + n) % ROWS;
                  if (!Arrays.equals(expected[i], predictor.outputs(features[i]))) {
                    return false;
                  }
                }
                return true;
              });
        }
        for (Future<Boolean> done : pool.invokeAll(tasks)) {
          assertTrue(done.get());
        }
      }
    }
    Predictor closed = model.predictor(backend);
    closed.close();
    assertThrows(IllegalStateException.class, () -> closed.outputs(features[0]));
  }

  @Test
  void aModelIsEvaluatedAsItIsUsed() {
    try (Dataset data = Datasets.classes(features, labels)) {
      // Raw rows of a dataset in memory need the preprocessing of the model.
      Dataset treated =
          PreparedDataset.load(
              model.treatingAlike(DatasetRequest.of("arrays", Optional.empty())), request -> data);
      Evaluation metrics = model.evaluate(treated, backend);
      assertEquals(accuracy(labels, model.predict(features, backend).labels()), metrics.accuracy());
    }
  }

  @Test
  void realTargetsAndStacks() {
    float[] targets = new float[ROWS];
    float[][] rows = new float[ROWS][];
    var random = new SplittableRandom(2);
    for (int i = 0; i < ROWS; i++) {
      rows[i] = new float[] {(float) random.nextDouble(-1, 1), (float) random.nextDouble(-1, 1)};
      targets[i] = rows[i][0] * rows[i][1];
    }
    TrainedModel regression =
        Training.of(Mixture.isotropic().components(24).outputs(6), Dense.last())
            .flow(Adam.of())
            .learningRate(0.02)
            .batch(32)
            .epochs(60)
            .backend(backend)
            .train(Datasets.real(rows, targets));
    float[][] values = regression.predict(rows, backend).values();
    double squares = 0;
    double variance = 0;
    for (int i = 0; i < ROWS; i++) {
      squares += Math.pow(values[i][0] - targets[i], 2);
      variance += targets[i] * targets[i];
    }
    assertTrue(squares < 0.1 * variance, squares + " of " + variance);
    assertThrows(
        InvalidRequestException.class, () -> regression.predict(rows, backend).probabilities());
  }

  /** A target of large numbers, and a feature that counts seconds: the defaults cope with both. */
  @Test
  void theDefaultsStandardiseFeaturesAndTargetsAndPredictInUnits() {
    var random = new SplittableRandom(5);
    float[][] rows = new float[ROWS][];
    float[] targets = new float[ROWS];
    for (int i = 0; i < ROWS; i++) {
      double x = random.nextDouble(-1, 1);
      rows[i] = new float[] {(float) (1000 * x), 7};
      targets[i] = (float) (5e6 + 1e5 * x * x);
    }
    TrainedModel regression =
        Training.of(Mixture.diagonal().components(64))
            .epochs(60)
            .backend(backend)
            .train(Datasets.real(rows, targets));
    float[][] values = regression.predict(rows, backend).values();
    double mean = 0;
    for (float target : targets) {
      mean += (double) target / ROWS;
    }
    double squares = 0;
    double variance = 0;
    for (int i = 0; i < ROWS; i++) {
      squares += Math.pow((double) values[i][0] - targets[i], 2);
      variance += Math.pow(targets[i] - mean, 2);
    }
    assertTrue(squares < 0.02 * variance, squares + " of " + variance);
    try (Predictor predictor = regression.predictor(backend)) {
      assertEquals(values[3][0], predictor.values(rows[3])[0], 2e-7 * Math.abs(values[3][0]));
    }
    var preprocessing = regression.preprocessing().orElseThrow();
    assertEquals(mean, preprocessing.targetMean().getFirst(), 1e-9 * mean);
    // A constant column becomes 0, in new rows as well: nothing was learned about other values.
    float[][] changed = {rows[3].clone(), rows[3].clone()};
    changed[1][1] = 3e20f;
    float[][] same = regression.predict(changed, backend).values();
    assertEquals(same[0][0], same[1][0]);
    assertThrows(InvalidRequestException.class, () -> model.predict(rows, backend).values());
  }

  @Test
  void howAStackIsTrainedIsKeptWithTheModel() {
    TrainedModel stack =
        Training.of(Mixture.diagonal().components(8).outputs(4), Mixture.diagonal().components(8))
            .flow(AdamW.of())
            .learningRate(0.05)
            .schedule(new LearningRateSchedule.WarmUp(0.1, new LearningRateSchedule.OneCycle()))
            .initialisation(InitialScale.STANDARD)
            .trainable(Trainable.DEFAULT.withDecay(Trainable.Decay.ALL))
            .epochs(2)
            .backend(backend)
            .train(Datasets.classes(features, labels));
    String provenance = stack.provenance().orElseThrow();
    for (String setting :
        List.of(
            "\"kind\":\"one-cycle\"",
            "\"warm-up\":0.1",
            "\"decays\":\"all\"",
            "\"initialisation\":\"standard\"")) {
      // The configuration is a string within JSON.
      assertTrue(
          provenance.contains(setting) || provenance.contains(setting.replace("\"", "\\\"")),
          provenance);
    }
  }

  @Test
  void rowsThatAreNoImagesAreNotShifted() {
    var error =
        assertThrows(
            InvalidRequestException.class,
            () ->
                Training.defaults()
                    .augment(Augmentation.shift(1))
                    .backend(backend)
                    .train(Datasets.classes(features, labels)));
    assertTrue(
        String.valueOf(error.getMessage()).contains("training.augment: expected images"),
        error.getMessage());
  }

  @Test
  void whatDoesNotFitIsRefused() {
    var wide =
        assertThrows(
            InvalidRequestException.class, () -> model.predict(new float[][] {{1, 2, 3}}, backend));
    assertTrue(wide.getMessage().contains("row 0: expected 2 features"), wide.getMessage());
    var missing =
        assertThrows(
            InvalidRequestException.class,
            () -> model.predict(new float[][] {{1, Float.NaN}}, backend));
    assertTrue(missing.getMessage().contains("row 0, feature 1"), missing.getMessage());
    try (Predictor predictor = model.predictor(backend)) {
      assertThrows(InvalidRequestException.class, () -> predictor.outputs(new float[3]));
      assertThrows(
          InvalidRequestException.class, () -> predictor.outputs(new float[] {1, Float.NaN}));
    }
    assertThrows(IllegalArgumentException.class, () -> Adam.of().withOption("beta_1", 0.5));
    assertThrows(IllegalArgumentException.class, () -> Adam.of().beta1(1));
    assertThrows(InvalidRequestException.class, () -> Training.defaults().epochs(0));
    assertThrows(
        InvalidRequestException.class,
        () -> Training.of(Mixture.diagonal().rank(4)).train(Datasets.classes(features, labels)));
    assertThrows(
        InvalidRequestException.class,
        () ->
            Training.of(Mixture.diagonal(), Dense.last())
                .backend(backend)
                .train(Datasets.classes(features, labels)));
    assertThrows(
        InvalidRequestException.class,
        () -> Training.defaults().backend(backend).train(Datasets.rows(features)));
  }

  @Test
  void numbersThatAreTooLargeAreNoPrediction() {
    float[][] huge = {{Float.MAX_VALUE, Float.MAX_VALUE}};
    TrainedModel plain =
        Training.of(Mixture.diagonal().activation("quadratic"))
            .epochs(1)
            .learningRate(1e-3)
            .scaling(Scaling.NONE)
            .backend(backend)
            .train(Datasets.classes(new float[][] {{1, 2}, {2, 1}}, new int[] {0, 1}));
    assertThrows(RunFailedException.class, () -> plain.predict(huge, backend));
    try (Predictor predictor = plain.predictor(backend)) {
      assertThrows(RunFailedException.class, () -> predictor.outputs(huge[0]));
    }
  }

  @Test
  void aLossOfCountsTakesThemInTheirOwnUnits() {
    float[][] rows = new float[64][];
    float[] counts = new float[64];
    for (int i = 0; i < 64; i++) {
      rows[i] = new float[] {i / 32f - 1};
      counts[i] = Math.round((float) Math.exp(1.5 + 1.2 * rows[i][0]));
    }
    Training training =
        Training.of(Mixture.diagonal().components(32)).epochs(40).loss(Losses.POISSON);
    TrainedModel model = training.train(Datasets.real(rows, counts));
    Preprocessing preprocessing = model.preprocessing().orElseThrow();
    assertEquals(List.of(), preprocessing.targetMean());
    assertEquals(Link.EXPONENTIAL, preprocessing.link());
    Predictions predictions = model.predict(new float[][] {{-0.9f}, {0.9f}});
    for (int i = 0; i < 2; i++) {
      double rate = Math.exp(1.5 + 1.2 * (1.8 * i - 0.9));
      assertEquals(rate, predictions.values()[i][0], 0.3 * rate);
    }
    assertEquals(
        Math.exp(predictions.outputs()[1][0]), predictions.values()[1][0], 1e-4, "a logarithm");
    counts[3] = -1;
    var error =
        assertThrows(
            InvalidRequestException.class, () -> training.train(Datasets.real(rows, counts)));
    assertTrue(error.getMessage().contains("row 3"), error.getMessage());
    counts[3] = 1;
    assertThrows(
        InvalidRequestException.class,
        () -> training.targetScaling(Scaling.STANDARDISE).train(Datasets.real(rows, counts)));
  }
}
