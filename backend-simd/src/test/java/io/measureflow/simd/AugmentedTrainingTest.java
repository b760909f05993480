package io.measureflow.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Table;
import io.measureflow.api.flow.LearningRateSchedule;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.augmentation.Augmentation;
import io.measureflow.core.data.ArrayDataset;
import io.measureflow.core.families.Families;
import io.measureflow.core.flows.Adam;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.losses.Losses;
import io.measureflow.core.model.Initialization;
import io.measureflow.core.model.Model;
import io.measureflow.core.training.EpochReport;
import io.measureflow.core.training.Objective;
import io.measureflow.core.training.Prefetch;
import io.measureflow.core.training.Trainable;
import io.measureflow.core.training.Trainer;
import io.measureflow.core.training.TrainingListener;
import io.measureflow.core.training.TrainingResult;
import io.measureflow.core.training.TrainingSettings;
import io.measureflow.core.training.TrainingState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Images that change in each epoch change alike whatever computes and gathers. */
class AugmentedTrainingTest {

  private static final int SIZE = 3 * 8 * 8;
  private static final ModelSpec SPEC =
      new ModelSpec(
          List.of(new MixtureLayer(Families.DIAGONAL, Activations.RELU, true, SIZE, 3, 32, 0)));

  private static final TrainingSettings SETTINGS =
      new TrainingSettings(
              Objective.of(Losses.SOFTMAX_CROSS_ENTROPY),
              Adam.of(),
              Trainable.DEFAULT,
              true,
              new LearningRateSchedule.OneCycle(),
              0.01,
              3,
              32,
              7,
              true,
              0.25,
              0)
          .withAugmentation(Augmentation.shift(2).andFlip());

  /** Noise, of three classes by its first pixels. */
  private record Images(ArrayDataset rows) implements Dataset {

    static Images of(int count) {
      var random = new SplittableRandom(5);
      float[][] features = new float[count][SIZE];
      int[] labels = new int[count];
      for (int i = 0; i < count; i++) {
        for (int j = 0; j < SIZE; j++) {
          features[i][j] = random.nextInt(256) / 255f;
        }
        labels[i] = (int) (3 * (features[i][0] + features[i][1]) / 2.001);
      }
      return new Images(ArrayDataset.classes(features, labels, List.of("a", "b", "c")));
    }

    @Override
    public String name() {
      return "noise";
    }

    @Override
    public Schema schema() {
      return new Schema(
          List.of(), SIZE, rows.schema().target(), Optional.of(new Schema.ImageShape(3, 8, 8)));
    }

    @Override
    public Table train() {
      return rows.train();
    }

    @Override
    public Optional<Table> test() {
      return Optional.of(rows.train());
    }

    @Override
    public String fingerprint() {
      return "noise";
    }

    @Override
    public void close() {}
  }

  private static Backend open(int threads) {
    return new SimdBackendProvider().open(BackendSettings.of(threads, Precision.FLOAT32));
  }

  private static TrainingResult train(
      Backend backend, Prefetch prefetch, TrainingState start, TrainingListener listener) {
    return new Trainer(backend, prefetch).train(SPEC, start, Images.of(333), SETTINGS, listener);
  }

  private static TrainingState start() {
    return TrainingState.initial(Initialization.parameters(SPEC, 1, Precision.FLOAT32));
  }

  private static void assertSameBits(Model expected, Model found, String what) {
    expected
        .parameters()
        .forEach(
            (name, tensor) ->
                assertEquals(
                    -1,
                    tensor.memory().mismatch(found.parameter(name).memory()),
                    name + " " + what));
  }

  @Test
  void threadsGatheringAheadAndPausesChangeNoBit() {
    var states = new ArrayList<TrainingState>();
    TrainingResult expected;
    try (Backend one = open(1)) {
      expected =
          train(
              one,
              Prefetch.OFF,
              start(),
              new TrainingListener() {
                @Override
                public void epoch(EpochReport report, TrainingState state, boolean best) {
                  states.add(state);
                }
              });
    }
    for (int threads = 1; threads <= 3; threads++) {
      try (Backend backend = open(threads)) {
        for (Prefetch prefetch : Prefetch.values()) {
          String what = "on " + threads + " threads, prefetch " + prefetch;
          TrainingResult found = train(backend, prefetch, start(), new TrainingListener() {});
          assertSameBits(expected.model(), found.model(), what);
          for (int i = 0; i < expected.epochs().size(); i++) {
            EpochReport a = expected.epochs().get(i);
            EpochReport b = found.epochs().get(i);
            assertEquals(a.train(), b.train(), what);
            assertEquals(a.validation(), b.validation(), what);
            assertEquals(a.test(), b.test(), what);
            assertEquals(a.flow(), b.flow(), what);
          }
        }
        for (TrainingState state : states.subList(0, 2)) {
          assertSameBits(
              expected.model(),
              train(backend, Prefetch.AUTO, state, new TrainingListener() {}).model(),
              "after a pause");
        }
      }
    }
  }
}
