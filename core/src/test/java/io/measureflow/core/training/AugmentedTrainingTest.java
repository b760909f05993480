package io.measureflow.core.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.data.Schema.ImageShape;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.flow.LearningRateSchedule;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.augmentation.Augmentation;
import io.measureflow.core.augmentation.ImageRows;
import io.measureflow.core.families.Families;
import io.measureflow.core.flows.Adam;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.losses.Losses;
import io.measureflow.core.model.Initialization;
import io.measureflow.core.model.Model;
import io.measureflow.core.reference.ReferenceBackendProvider;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AugmentedTrainingTest {

  private static final Augmentation BOTH = Augmentation.shift(2).andFlip();
  private static final ModelSpec SPEC =
      new ModelSpec(
          List.of(new MixtureLayer(Families.DIAGONAL, Activations.RELU, true, 48, 2, 6, 0)));

  private final Backend backend =
      new ReferenceBackendProvider().open(BackendSettings.of(1, Precision.FLOAT64));
  private final ImageRows images = ImageRows.of(new ImageShape(1, 6, 8), 101);

  @AfterEach
  void close() {
    backend.close();
  }

  private static TrainingSettings settings(double rate, Augmentation augmentation) {
    return new TrainingSettings(
            Objective.of(Losses.SOFTMAX_CROSS_ENTROPY),
            Adam.of(),
            Trainable.DEFAULT,
            false,
            new LearningRateSchedule.WarmUp(0.1, new LearningRateSchedule.OneCycle()),
            rate,
            4,
            16,
            3,
            true,
            0.2,
            0)
        .withAugmentation(augmentation);
  }

  private static TrainingState start() {
    return TrainingState.initial(Initialization.parameters(SPEC, 5, Precision.FLOAT64));
  }

  private TrainingResult train(
      TrainingState start, TrainingSettings settings, TrainingListener listener) {
    return new Trainer(backend).train(SPEC, start, images, settings, listener);
  }

  private TrainingResult train(TrainingSettings settings) {
    return train(start(), settings, new TrainingListener() {});
  }

  private static void assertSameBits(Model expected, Model found) {
    expected
        .parameters()
        .forEach(
            (name, tensor) ->
                assertEquals(-1, tensor.memory().mismatch(found.parameter(name).memory()), name));
  }

  @Test
  void aRunResumedAfterAnyEpochEndsWithTheSameBits() {
    var states = new ArrayList<TrainingState>();
    TrainingSettings settings = settings(0.02, BOTH);
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
    for (TrainingState state : states.subList(0, 3)) {
      assertSameBits(whole.model(), train(state, settings, new TrainingListener() {}).model());
    }
    assertNotEquals(
        train(settings(0.02, Augmentation.NONE)).state().bestLoss(), whole.state().bestLoss());
  }

  @Test
  void gatheringAheadChangesNoBit() {
    Model expected = train(settings(0.02, BOTH)).model();
    for (Prefetch prefetch : Prefetch.values()) {
      assertSameBits(
          expected,
          new Trainer(backend, prefetch)
              .train(SPEC, start(), images, settings(0.02, BOTH), new TrainingListener() {})
              .model());
    }
  }

  /** At a learning rate of 0 all metrics are those of the first parameters. */
  @Test
  void validationAndTestRowsStayAsTheyAre() {
    List<EpochReport> plain = train(settings(0, Augmentation.NONE)).epochs();
    List<EpochReport> changed = train(settings(0, BOTH)).epochs();
    for (int i = 0; i < plain.size(); i++) {
      assertEquals(plain.get(i).validation(), changed.get(i).validation());
      assertEquals(plain.get(i).test(), changed.get(i).test());
      assertTrue(
          Math.abs(plain.get(i).train().loss() - changed.get(i).train().loss()) > 1e-6,
          () -> "the training rows are not changed: " + changed);
    }
    // Every epoch changes them in its own way.
    assertTrue(
        Math.abs(changed.get(0).train().loss() - changed.get(1).train().loss()) > 1e-6,
        changed::toString);
  }

  @Test
  void rowsThatAreNoImagesAreRefused() {
    var spec =
        new ModelSpec(
            List.of(new MixtureLayer(Families.DIAGONAL, Activations.RELU, true, 2, 2, 6, 0)));
    var error =
        assertThrows(
            InvalidRequestException.class,
            () ->
                new Trainer(backend)
                    .train(
                        spec,
                        TrainingState.initial(
                            Initialization.parameters(spec, 5, Precision.FLOAT64)),
                        new ArrayDataset(50, 10, 1),
                        settings(0.1, BOTH),
                        new TrainingListener() {}));
    assertTrue(
        String.valueOf(error.getMessage())
            .startsWith("training.augment: expected images, found rows of 2 features"),
        error.getMessage());
  }
}
