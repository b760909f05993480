package io.measureflow.benchmarks.step;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.measure.Family;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.registry.Extensions;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.flows.Wasserstein;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.losses.Losses;
import io.measureflow.core.model.Initialization;
import io.measureflow.core.training.Objective;
import io.measureflow.core.training.Trainable;
import io.measureflow.core.training.TrainingPrograms;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One training step (forward, loss, gradients, Wasserstein step) of a mixture layer under softmax
 * cross-entropy: 128 rows with 784 features, 10 classes, relu, no bias; rank 4 for families with a
 * free rank.
 */
public final class MixtureStep implements AutoCloseable {

  /** The number of rows of a step. */
  public static final int BATCH = 128;

  /** The number of features. */
  public static final int FEATURES = 784;

  /** The number of classes. */
  public static final int CLASSES = 10;

  private static final int RANK = 4;

  /** Closes the backend if it was opened for this step alone, else the workspace. */
  private final Runnable closing;

  private final Executable step;
  private final SplittableRandom random = new SplittableRandom(1);

  /** Compiles the step on a backend of its own, which is closed with the step. */
  public MixtureStep(String backendName, int threads, String familyName, int components) {
    this(NamedBackends.open(backendName, threads), true, familyName, components);
  }

  /** Compiles the step and fills its inputs; the numbers are the same for every instance. */
  public MixtureStep(Backend backend, String familyName, int components) {
    this(backend, false, familyName, components);
  }

  private MixtureStep(Backend backend, boolean owning, String familyName, int components) {
    ModelSpec model = model(familyName, components);
    Workspace workspace = backend.newWorkspace();
    closing = owning ? backend::close : workspace::close;
    step =
        workspace.compile(
            TrainingPrograms.step(
                model,
                Objective.of(Losses.SOFTMAX_CROSS_ENTROPY),
                Wasserstein.of(),
                Trainable.DEFAULT,
                false,
                0,
                BATCH));
    Initialization.parameters(model, 1, backend.description().precision())
        .forEach(workspace::write);
    step.input(TrainingPrograms.RATE).set(0, 0.01);
    step.input(TrainingPrograms.STEP).set(0, 1);
    newBatch();
  }

  /** The model that the step trains: a single layer. */
  public static ModelSpec model(String familyName, int components) {
    Family family = Extensions.onClassPath().of(Family.KIND).get(familyName);
    return new ModelSpec(
        List.of(
            new MixtureLayer(
                family,
                Activations.RELU,
                false,
                FEATURES,
                CLASSES,
                components,
                family.rankRule() == Family.RankRule.FREE ? RANK : 0)));
  }

  /** Fills the inputs with the next random numbers. */
  public void newBatch() {
    Tensor features = step.input(TrainingPrograms.FEATURES);
    for (int i = 0; i < features.shape().size(); i++) {
      features.set(i, random.nextDouble());
    }
    Tensor targets = step.input(TrainingPrograms.TARGETS);
    for (int row = 0; row < BATCH; row++) {
      targets.set(row, random.nextInt(CLASSES));
    }
  }

  /** Runs the step. */
  public void run() {
    step.run();
  }

  /** The loss of the last step. */
  public double loss() {
    return step.output(TrainingPrograms.LOSS).get(0);
  }

  @Override
  public void close() {
    closing.run();
  }
}
