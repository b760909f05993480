package io.measureflow.core.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.DivergedException;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.flow.Flow;
import io.measureflow.api.flow.LearningRateSchedule;
import io.measureflow.api.measure.Family;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.registry.Extensions;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.data.FeatureTransform;
import io.measureflow.core.data.StratifiedSplit;
import io.measureflow.core.families.Families;
import io.measureflow.core.layers.DenseLayer;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.losses.Losses;
import io.measureflow.core.metrics.Evaluation;
import io.measureflow.core.model.Initialization;
import io.measureflow.core.model.Model;
import io.measureflow.core.reference.ReferenceBackendProvider;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainerTest {

  private final Backend backend =
      new ReferenceBackendProvider().open(BackendSettings.of(1, Precision.FLOAT64));
  private final ArrayDataset dataset = new ArrayDataset(203, 100, 11);

  @AfterEach
  void close() {
    backend.close();
  }

  private static ModelSpec mixture(String family) {
    return new ModelSpec(
        List.of(
            new MixtureLayer(
                Extensions.onClassPath().of(Family.KIND).get(family),
                Activations.RELU,
                true,
                2,
                2,
                16,
                family.equals("factored") ? 2 : 0)));
  }

  private static TrainingSettings settings(String flow, double rate, int epochs) {
    return settings(flow, rate, epochs, 20, 0);
  }

  private static TrainingSettings settings(
      String flow, double rate, int epochs, int batch, double validation) {
    return new TrainingSettings(
        Objective.of(Losses.SOFTMAX_CROSS_ENTROPY),
        Extensions.onClassPath().of(Flow.KIND).get(flow),
        Trainable.DEFAULT,
        false,
        new LearningRateSchedule.Constant(),
        rate,
        epochs,
        batch,
        3,
        true,
        validation,
        0);
  }

  private TrainingResult train(ModelSpec spec, TrainingSettings settings) {
    return train(spec, start(spec), settings, new TrainingListener() {});
  }

  private TrainingResult train(
      ModelSpec spec, TrainingState start, TrainingSettings settings, TrainingListener listener) {
    return new Trainer(backend).train(spec, start, dataset, settings, listener);
  }

  private static TrainingState start(ModelSpec spec) {
    return TrainingState.initial(Initialization.parameters(spec, 5, Precision.FLOAT64));
  }

  @ParameterizedTest
  @CsvSource({
    "dirac, wasserstein, 0.5",
    "isotropic, wasserstein, 0.5",
    "diagonal, wasserstein, 0.5",
    "factored, wasserstein, 0.5",
    "full, wasserstein, 0.5",
    "diagonal, momentum, 0.05",
    "diagonal, nesterov, 0.05",
    "diagonal, adam, 0.05",
    "diagonal, adamw, 0.05"
  })
  void everyFamilyAndFlowLearnsTheCircle(String family, String flow, double rate) {
    TrainingResult result = train(mixture(family), settings(flow, rate, 80));
    Metrics test = result.epochs().getLast().test().orElseThrow();
    // The larger class has 61 % of the rows; a linear model cannot do better.
    assertTrue(test.accuracy() > 0.87, family + " with " + flow + ": " + test);
    assertTrue(
        result.epochs().getLast().train().loss() < result.epochs().getFirst().train().loss());
  }

  @Test
  void aStackOfMixturesAndDenseLayersLearns() {
    var spec =
        new ModelSpec(
            List.of(
                new MixtureLayer(Families.DIAGONAL, Activations.RELU, true, 2, 6, 8, 0),
                new MixtureLayer(Families.ISOTROPIC, Activations.RELU, true, 6, 4, 8, 0),
                new DenseLayer(Activations.IDENTITY, true, 4, 2)));
    Metrics test = train(spec, settings("wasserstein", 0.2, 40)).epochs().getLast().test().get();
    assertTrue(test.accuracy() > 0.9, test.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"wasserstein", "momentum", "adam"})
  void aRunResumedAfterAnyEpochEndsWithTheSameBits(String flow) {
    ModelSpec spec = mixture("diagonal");
    TrainingSettings settings = settings(flow, 0.05, 5);
    var states = new ArrayList<TrainingState>();
    var whole =
        train(
            spec,
            start(spec),
            settings,
            new TrainingListener() {
              @Override
              public void epoch(EpochReport report, TrainingState state, boolean best) {
                states.add(state);
              }
            });
    assertEquals(5, states.size());
    for (TrainingState state : states.subList(0, 4)) {
      TrainingResult resumed = train(spec, state, settings, new TrainingListener() {});
      assertEquals(5 - state.epoch(), resumed.epochs().size());
      assertSameBits(whole.model(), resumed.model());
      assertEquals(whole.state().bestEpoch(), resumed.state().bestEpoch());
      assertEquals(whole.state().firstLoss(), resumed.state().firstLoss());
    }
  }

  /** A resumed run diverges where the whole run would have, not where its own first loss says. */
  @Test
  void aResumedRunKeepsTheBoundOfTheLoss() {
    ModelSpec spec = mixture("diagonal");
    var losses = new ArrayList<Double>();
    TrainingState state =
        train(
                spec,
                start(spec),
                settings("wasserstein", 0.1, 1),
                new TrainingListener() {
                  @Override
                  public void step(int epoch, int row, int rows, Metrics running) {
                    losses.add(running.loss());
                  }
                })
            .state();
    // The running loss is the sum over rows divided by their number.
    assertEquals(losses.getFirst(), state.firstLoss(), 1e-15 * losses.getFirst());
    var tensors = new LinkedHashMap<>(state.tensors());
    tensors.computeIfPresent(
        "layers.0.out_mean",
        (name, a) ->
            Tensor.of(a.shape(), Arrays.stream(a.toDoubles()).map(x -> 1e6 * x).toArray()));
    TrainingSettings still = settings("wasserstein", 0, 2);
    for (double first : new double[] {state.firstLoss(), 7}) {
      TrainingState grown = state(tensors, state, first);
      var error =
          assertThrows(
              DivergedException.class, () -> train(spec, grown, still, new TrainingListener() {}));
      double bound = first < 1 ? 1e4 : 1e4 * first;
      assertTrue(
          error
              .getMessage()
              .contains(
                  "a loss of at most "
                      + bound
                      + " (10,000 times the first loss, "
                      + first
                      + ", or 10,000 if that is below 1), found "),
          error.getMessage());
      assertTrue(error.getMessage().contains(" at step 12 (epoch 2)"), error.getMessage());
    }
    // A state that does not know takes the first loss that it sees.
    TrainingResult unknown =
        train(spec, state(tensors, state, Double.NaN), still, new TrainingListener() {});
    assertTrue(unknown.state().firstLoss() > 1e4, unknown.state()::toString);
  }

  private static TrainingState state(
      SequencedMap<String, Tensor> tensors, TrainingState like, double firstLoss) {
    return new TrainingState(
        tensors,
        like.epoch(),
        like.step(),
        like.best(),
        like.bestEpoch(),
        like.bestLoss(),
        firstLoss);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.3})
  void gatheringAheadChangesNoBit(double validation) {
    ModelSpec spec = mixture("diagonal");
    var base = settings("adam", 0.05, 3);
    var settings =
        new TrainingSettings(
            base.objective(),
            base.flow(),
            Trainable.DEFAULT,
            false,
            base.schedule(),
            0.05,
            3,
            20,
            3,
            true,
            validation,
            0);
    var results = new ArrayList<TrainingResult>();
    for (Prefetch prefetch : Prefetch.values()) {
      results.add(
          new Trainer(backend, prefetch)
              .train(spec, start(spec), dataset, settings, new TrainingListener() {}));
    }
    for (TrainingResult other : results.subList(1, 3)) {
      assertSameBits(results.getFirst().model(), other.model());
      for (int i = 0; i < 3; i++) {
        EpochReport expected = results.getFirst().epochs().get(i);
        EpochReport found = other.epochs().get(i);
        assertEquals(expected.train(), found.train());
        assertEquals(expected.validation(), found.validation());
        assertEquals(expected.test(), found.test());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatGoesWrongWhileReadingIsThrownAsItIs(boolean ahead) {
    var broken = new ArrayDataset(203, 100, 11, 150);
    ModelSpec spec = mixture("diagonal");
    var error =
        assertThrows(
            InvalidRequestException.class,
            () ->
                new Trainer(backend, ahead ? Prefetch.ON : Prefetch.OFF)
                    .train(
                        spec,
                        start(spec),
                        broken,
                        settings("adam", 0.05, 3),
                        new TrainingListener() {}));
    assertTrue(error.getMessage().contains("row 150"), error.getMessage());
  }

  @Test
  void theLastSmallerBatchIsUsedAndMetricsAreMeansOverRows() {
    ModelSpec spec = mixture("dirac");
    var rowsSeen = new ArrayList<Integer>();
    TrainingResult result =
        train(
            spec,
            start(spec),
            settings("wasserstein", 0, 1),
            new TrainingListener() {
              @Override
              public void step(int epoch, int row, int rows, Metrics running) {
                rowsSeen.add(row);
              }
            });
    assertEquals(List.of(20, 40, 60, 80, 100, 120, 140, 160, 180, 200, 203), rowsSeen);
    // With h = 0 the training metrics are those of the initial model on all rows at once.
    Evaluation expected;
    try (var evaluator =
        new Evaluator(
            backend,
            Model.of(spec, Initialization.parameters(spec, 5, Precision.FLOAT64), "test"),
            203)) {
      expected = assess(evaluator, dataset.train());
    }
    Metrics found = result.epochs().getFirst().train();
    assertEquals(expected.loss(), found.loss(), 1e-12);
    assertEquals(expected.accuracy(), found.accuracy(), 1e-12);
  }

  private Evaluation assess(Evaluator evaluator, Table rows) {
    return evaluator.assess(
        rows, Losses.SOFTMAX_CROSS_ENTROPY, dataset.schema().target(), FeatureTransform.identity());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
  void batchesWithoutRowsAreRefused(int batch) {
    ModelSpec spec = mixture("dirac");
    Model model = Model.of(spec, Initialization.parameters(spec, 5, Precision.FLOAT64), "test");
    var evaluating =
        assertThrows(
            IllegalArgumentException.class, () -> new Evaluator(backend, model, batch).close());
    assertTrue(
        String.valueOf(evaluating.getMessage()).contains("at least 1 row, found " + batch),
        evaluating::getMessage);
    var training =
        assertThrows(
            IllegalArgumentException.class, () -> settings("wasserstein", 0.1, 1, batch, 0));
    assertTrue(
        String.valueOf(training.getMessage()).contains("batch: expected at least 1, found"),
        training::getMessage);
  }

  @Test
  void settingsThatMeanNothingAreRefused() {
    for (double rate : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThrows(IllegalArgumentException.class, () -> settings("wasserstein", rate, 1));
    }
    assertThrows(IllegalArgumentException.class, () -> settings("wasserstein", 0.1, -1));
    for (double validation : new double[] {-0.1, 1, Double.NaN}) {
      assertThrows(
          IllegalArgumentException.class, () -> settings("wasserstein", 0.1, 1, 20, validation));
    }
  }

  @ParameterizedTest
  @CsvSource({"true, step 1 (epoch 1)", "false, the test rows after epoch 1"})
  void aFeatureThatIsFarTooLargeIsNamed(boolean training, String place) {
    var data = new ArrayDataset(20, 20, 11).with(training, 7, -1e200);
    ModelSpec spec = mixture("diagonal");
    var error =
        assertThrows(
            DivergedException.class,
            () ->
                new Trainer(backend)
                    .train(
                        spec,
                        start(spec),
                        data,
                        settings("wasserstein", 0.1, 1),
                        new TrainingListener() {}));
    assertTrue(error.getMessage().contains(place), error.getMessage());
    assertTrue(error.getMessage().contains("Feature 'x' reaches -1.000e+200"), error.getMessage());
    Model model = Model.of(spec, Initialization.parameters(spec, 5, Precision.FLOAT64), "test");
    try (var evaluator = new Evaluator(backend, model, 8)) {
      Table rows = training ? data.train() : data.test().orElseThrow();
      var failed = assertThrows(RunFailedException.class, () -> assess(evaluator, rows));
      assertTrue(
          failed.getMessage().contains("Feature 0 of row 7 (both from 0) is -1.000e+200"),
          failed.getMessage());
    }
  }

  @Test
  void earlyStoppingReturnsTheBestEpoch() {
    ModelSpec spec = mixture("diagonal");
    var base = settings("wasserstein", 0.5, 400);
    var settings =
        new TrainingSettings(
            base.objective(),
            base.flow(),
            Trainable.DEFAULT,
            false,
            base.schedule(),
            2.0,
            400,
            20,
            3,
            true,
            0.3,
            3);
    var best = new ArrayList<Integer>();
    TrainingResult result =
        train(
            spec,
            start(spec),
            settings,
            new TrainingListener() {
              @Override
              public void epoch(EpochReport report, TrainingState state, boolean isBest) {
                if (isBest) {
                  best.add(report.epoch());
                }
              }
            });
    assertTrue(result.stoppedEarly(), "still improving after 400 epochs");
    assertEquals(best.getLast(), result.state().bestEpoch());
    assertEquals(result.state().bestEpoch() + 3, result.state().epoch());
    assertSameBits(Model.of(spec, result.state().best(), "test"), result.model());
    assertEquals(61, result.epochs().getFirst().validation().orElseThrow().rows());
    assertEquals(142, result.epochs().getFirst().train().rows());
  }

  @Test
  void divergenceIsReportedWithTheStepAndTheRate() {
    var error =
        assertThrows(
            RunFailedException.class,
            () -> train(mixture("diagonal"), settings("wasserstein", 1e200, 3)));
    assertTrue(error.getMessage().contains("diverged"), error.getMessage());
    assertTrue(error.getMessage().contains("1.0E200"), error.getMessage());
  }

  /** A loss that is finite and huge has diverged, also where it shows after the last step only. */
  @Test
  void aLossThatGrowsBeyondReasonEndsTheRun() {
    for (int epochs : new int[] {1, 3}) {
      var error =
          assertThrows(
              DivergedException.class,
              () -> train(mixture("diagonal"), settings("wasserstein", 3e3, epochs)));
      assertTrue(error.getMessage().contains("10,000 times the first"), error.getMessage());
    }
  }

  @Test
  void whatDoesNotFitTheDataIsRefused() {
    var wide =
        new ModelSpec(
            List.of(new MixtureLayer(Families.DIRAC, Activations.RELU, true, 3, 2, 4, 0)));
    var narrow =
        new ModelSpec(
            List.of(new MixtureLayer(Families.DIRAC, Activations.RELU, true, 2, 1, 4, 0)));
    var settings = settings("wasserstein", 0.1, 1);
    assertRefused(wide, settings, "model inputs: expected 2");
    assertRefused(narrow, settings, "model outputs: expected at least 2");
    assertRefused(
        mixture("dirac"),
        new TrainingSettings(
            Objective.of(Losses.HALF_SQUARED_ERROR),
            settings.flow(),
            Trainable.DEFAULT,
            false,
            settings.schedule(),
            0.1,
            1,
            20,
            3,
            true,
            0,
            0),
        "loss: expected softmax_cross_entropy");
    assertRefused(
        mixture("dirac"),
        new TrainingSettings(
            settings.objective(),
            settings.flow(),
            Trainable.DEFAULT,
            false,
            settings.schedule(),
            0.1,
            1,
            20,
            3,
            true,
            0,
            2),
        "patience");
  }

  @Test
  void aFactorForAParameterThatIsNotThereIsRefused() {
    var base = settings("wasserstein", 0.1, 1);
    assertRefused(
        mixture("isotropic"),
        withRateFactors(base, Map.of("out_mean", 2.0, "in_men", 3.0)),
        "training.rate-factors: expected parameters and types of layers of the model: gm,"
            + " gm.in_mean, gm.in_std, gm.log_weights, gm.out_mean, in_mean, in_std, log_weights,"
            + " out_mean, found 'in_men'");
    TrainingResult result =
        train(mixture("isotropic"), withRateFactors(base, Map.of("out_mean", 2.0, "in_std", 3.0)));
    assertEquals(1, result.epochs().size());
  }

  private static TrainingSettings withRateFactors(
      TrainingSettings base, Map<String, Double> factors) {
    return new TrainingSettings(
        base.objective(),
        base.flow(),
        base.trainable().withRateFactors(factors),
        base.report(),
        base.schedule(),
        base.learningRate(),
        base.epochs(),
        base.batch(),
        base.seed(),
        base.shuffle(),
        base.validation(),
        base.patience());
  }

  private void assertRefused(ModelSpec spec, TrainingSettings settings, String message) {
    var error = assertThrows(InvalidRequestException.class, () -> train(spec, settings));
    assertTrue(error.getMessage().contains(message), error.getMessage());
  }

  private static void assertSameBits(Model expected, Model found) {
    assertEquals(expected.parameters().keySet(), found.parameters().keySet());
    expected
        .parameters()
        .forEach(
            (name, tensor) ->
                assertEquals(-1, tensor.memory().mismatch(found.parameter(name).memory()), name));
  }

  @Test
  void aRunThatPausesEndsAsIfItHadNot() {
    ModelSpec spec = mixture("diagonal");
    TrainingSettings plain = settings("adam", 0.05, 7, 20, 0.3);
    var settings =
        new TrainingSettings(
            plain.objective(),
            plain.flow(),
            plain.trainable(),
            false,
            new LearningRateSchedule.Cosine(0),
            plain.learningRate(),
            plain.epochs(),
            plain.batch(),
            plain.seed(),
            true,
            plain.validation(),
            0);
    TrainingResult whole = train(spec, settings);
    var trainer = new Trainer(backend);
    Optional<StratifiedSplit> parts = Trainer.validationSplit(dataset, 0.3, settings.seed());
    TrainingState state = start(spec);
    for (int last : new int[] {2, 2, 5, 100}) {
      TrainingResult part =
          trainer.train(spec, state, dataset, parts, settings, last, new TrainingListener() {});
      state = part.state();
      assertEquals(Math.min(last, 7), state.epoch());
    }
    assertEquals(whole.state().bestLoss(), state.bestLoss());
    assertEquals(numbers(whole.state()), numbers(state));
  }

  /** The elements of all tensors, by name. */
  private static Map<String, List<Double>> numbers(TrainingState state) {
    var numbers = new LinkedHashMap<String, List<Double>>();
    state
        .tensors()
        .forEach(
            (name, tensor) -> {
              var elements = new ArrayList<Double>();
              for (long i = 0; i < tensor.shape().size(); i++) {
                elements.add(tensor.get(i));
              }
              numbers.put(name, elements);
            });
    return numbers;
  }
}
