package io.measureflow.core.config;

import io.measureflow.api.data.Schema;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.flow.Flow;
import io.measureflow.api.flow.Schedule;
import io.measureflow.api.measure.Family;
import io.measureflow.api.model.LayerSpec;
import io.measureflow.api.model.Loss;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.core.flows.Flows;
import io.measureflow.core.training.Motion;
import io.measureflow.core.training.Objective;
import io.measureflow.core.training.Prefetch;
import io.measureflow.core.training.TrainingSettings;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The section {@code training}: how the model is trained.
 *
 * @param epochs the number of passes over the training rows
 * @param batch the number of rows of a batch
 * @param learningRate h; empty: what suits model and flow
 * @param flow the name of the flow
 * @param flowOptions the options of flows, by name
 * @param schedule the factor on the learning rate along training
 * @param shuffle whether each epoch has an order of its own
 * @param validation the fraction of the training rows held out
 * @param patience after how many epochs without a better validation loss to stop; 0 for never
 * @param loss the loss; empty: by the kind of the target
 * @param secondMoment lambda, the weight of the second moment in the objective
 * @param entropy tau, the temperature of the entropy in the objective
 * @param motion what moves
 * @param report whether each epoch says what the flow did
 * @param prefetch whether batches are gathered ahead on another thread
 */
public record TrainingConfig(
    int epochs,
    int batch,
    OptionalDouble learningRate,
    String flow,
    Map<String, Double> flowOptions,
    Schedule schedule,
    boolean shuffle,
    double validation,
    int patience,
    Optional<Loss> loss,
    double secondMoment,
    double entropy,
    Motion motion,
    boolean report,
    Prefetch prefetch) {

  /**
   * The number of components from which the flow bears the larger step (specification, section 6).
   */
  private static final int MANY_COMPONENTS = 64;

  /** The same where components have a factor. */
  private static final int MANY_FACTORED_COMPONENTS = 10;

  private static final double STEP_OF_MANY = 0.5;
  private static final double STEP_OF_FEW = 0.2;
  private static final double STEP_WITH_DENSE_LAYERS = 0.1;
  private static final double STEP_OF_ADAM = 0.005;

  /** Copies the map. */
  public TrainingConfig {
    flowOptions = Map.copyOf(flowOptions);
  }

  /** The flow with its options. */
  public Flow makeFlow() {
    return Flows.get(flow, flowOptions);
  }

  /** The settings of a run, with what is left open chosen for this model and target. */
  public TrainingSettings settings(ModelSpec model, Schema.Target target, long seed) {
    return new TrainingSettings(
        new Objective(loss.orElseGet(() -> usualLoss(target)), secondMoment, entropy),
        makeFlow(),
        motion,
        report,
        schedule,
        learningRate.orElseGet(() -> usualLearningRate(model)),
        epochs,
        batch,
        seed,
        shuffle,
        validation,
        patience);
  }

  /** The loss for a kind of target. */
  public static Loss usualLoss(Schema.Target target) {
    return switch (target) {
      case Schema.Target.Classes classes -> Loss.SOFTMAX_CROSS_ENTROPY;
      case Schema.Target.Real real -> Loss.HALF_SQUARED_ERROR;
      case Schema.Target.None none ->
          throw InvalidRequestException.of(
              "data", "a target to predict", "none", "Name its column with --label.");
    };
  }

  private static int manyComponents(LayerSpec.GaussianMixture mixture) {
    return mixture.family().rankRule() == Family.RankRule.NONE
        ? MANY_COMPONENTS
        : MANY_FACTORED_COMPONENTS;
  }

  private double usualLearningRate(ModelSpec model) {
    double plain = STEP_OF_MANY;
    for (LayerSpec layer : model.layers()) {
      plain =
          Math.min(
              plain,
              switch (layer) {
                case LayerSpec.GaussianMixture mixture ->
                    mixture.components() >= manyComponents(mixture) ? STEP_OF_MANY : STEP_OF_FEW;
                case LayerSpec.Dense dense -> STEP_WITH_DENSE_LAYERS;
              });
    }
    return switch (flow) {
      case "adam", "adamw" -> STEP_OF_ADAM;
      // The memory adds up to 1 / (1 - momentum) steps.
      case "momentum", "nesterov" -> plain * (1 - flowOptions.getOrDefault("momentum", 0.9));
      default -> plain;
    };
  }
}
