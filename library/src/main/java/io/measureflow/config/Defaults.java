package io.measureflow.config;

import io.measureflow.api.data.DatasetRequest.Scaling;
import io.measureflow.api.data.Preprocessing;
import io.measureflow.api.data.Schema;
import io.measureflow.api.flow.LearningRateSchedule;
import io.measureflow.api.measure.Family;
import io.measureflow.api.measure.GaussianFamily;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.core.layers.MeasureLayer;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * What takes the place of the settings that are {@code auto}: values that a run on these data
 * starts well from (docs/defaults.md).
 *
 * @param family the family of the components
 * @param flow the flow
 * @param learningRate h; empty: what suits model and flow
 * @param rateFactors factors on the learning rate, by the names of parameters
 * @param schedule the factor on the learning rate along training
 * @param epochs the number of passes over the training rows
 * @param batch the number of rows of a batch
 * @param validation the fraction of the training rows held out
 * @param patience after how many epochs without a better validation loss to stop; 0 for never
 * @param secondMoment lambda, the weight of the second moment in the objective
 */
public record Defaults(
    String family,
    String flow,
    OptionalDouble learningRate,
    Map<String, Double> rateFactors,
    LearningRateSchedule schedule,
    int epochs,
    int batch,
    double validation,
    int patience,
    double secondMoment) {

  /**
   * The plain gradient flow on batches of 128, as in the paper: for whoever names the flow or its
   * step, or takes batches in the order of the rows.
   */
  public static final Defaults PLAIN =
      new Defaults(
          "factored",
          "wasserstein",
          OptionalDouble.empty(),
          Map.of(),
          new LearningRateSchedule.Constant(),
          12,
          128,
          0,
          0,
          0);

  /** The components that {@link #PLAIN} goes with. */
  public static final int PLAIN_COMPONENTS = 64;

  private static final double LEARNING_RATE = 0.01;

  // The output is a mean over K components that start alike in size, so that a's have K times as
  // far to go as an ordinary layer's weights; Adam's step knows nothing of that.
  private static final Map<String, Double> RATE_FACTORS = Map.of(GaussianFamily.OUT_MEAN, 10.0);

  private static final int STEPS = 3000;
  private static final int MOST_STEPS = 30_000;
  private static final int LEAST_EPOCHS = 12;
  private static final int LEAST_BATCH = 16;
  private static final int MOST_BATCH = 128;
  private static final double HELD_OUT = 0.1;
  private static final double HELD_OUT_OF_FEW = 0.2;
  private static final int FEW_ROWS = 1000;
  // A model of noisy numbers that is trained to the end is worse than none; one of classes is not.
  private static final int LEAST_ROWS_OF_CLASSES = 100;
  private static final int LEAST_ROWS_OF_NUMBERS = 20;
  private static final int LEAST_PATIENCE = 5;
  // Where rows are too few to tell when to stop, a weak pull of all parameters to 0 does it.
  private static final int ROWS_OF_MOMENT = 200;

  private static final int MOST_COMPONENTS = 256;
  private static final int LEAST_COMPONENTS = 64;
  // A step takes time in proportion to components times features.
  private static final int MOST_NUMBERS = 1 << 18;

  /** Copies the map. */
  public Defaults {
    rateFactors = Map.copyOf(rateFactors);
  }

  /**
   * Adam with a cosine decay over some 3,000 steps, on batches of an eighth of the rows within 16
   * and 128; with early stopping on a tenth of the rows, or a fifth where they are fewer than
   * 1,000, and with a weak second moment in the objective where they are fewer than 200.
   *
   * @param rows the number of training rows
   * @param data what is predicted, and whether features are pixels (scaled from the range of bytes)
   * @param givenEpochs the number of epochs, where it is given; and so on
   */
  public static Defaults forRows(
      int rows,
      Preprocessing data,
      OptionalInt givenEpochs,
      OptionalInt givenBatch,
      OptionalDouble givenValidation) {
    double validation = givenValidation.orElse(heldOut(rows, data.target()));
    int kept = (int) Math.max(1, Math.round(rows * (1 - validation)));
    int batch = givenBatch.orElse(Math.clamp(kept / 8, LEAST_BATCH, MOST_BATCH));
    int stepsPerEpoch = Math.ceilDiv(kept, batch);
    int epochs =
        givenEpochs.orElse(
            Math.max(
                Math.ceilDiv(STEPS, stepsPerEpoch),
                Math.clamp(MOST_STEPS / stepsPerEpoch, 1, LEAST_EPOCHS)));
    return new Defaults(
        data.scaling() == Scaling.UNIT ? "factored" : "diagonal",
        "adam",
        OptionalDouble.of(LEARNING_RATE),
        RATE_FACTORS,
        new LearningRateSchedule.Cosine(0),
        epochs,
        batch,
        validation,
        validation > 0 ? Math.max(LEAST_PATIENCE, epochs / 5) : 0,
        rows < ROWS_OF_MOMENT ? 1.0 / rows : 0);
  }

  /** The same for a model: without the second moment where its measures have none. */
  public Defaults forModel(ModelSpec model) {
    boolean gaussian =
        model.byPath().values().stream()
            .allMatch(
                layer ->
                    !(layer instanceof MeasureLayer measure)
                        || measure.mixture().family() instanceof GaussianFamily);
    return gaussian
        ? this
        : new Defaults(
            family,
            flow,
            learningRate,
            rateFactors,
            schedule,
            epochs,
            batch,
            validation,
            patience,
            0);
  }

  /**
   * Returns whether a run is left to choose how it trains: neither the flow nor its learning rate
   * is given, nor are batches to be taken in the order of the rows.
   */
  public static boolean leftOpen(Optional<?> flow, OptionalDouble learningRate, boolean shuffle) {
    return flow.isEmpty() && learningRate.isEmpty() && shuffle;
  }

  private static double heldOut(int rows, Schema.Target target) {
    int least =
        target instanceof Schema.Target.Classes ? LEAST_ROWS_OF_CLASSES : LEAST_ROWS_OF_NUMBERS;
    return rows < least ? 0 : rows < FEW_ROWS ? HELD_OUT_OF_FEW : HELD_OUT;
  }

  /** These factors, less the default one of a parameter that the model does not have. */
  public static Map<String, Double> applicable(Map<String, Double> rateFactors, ModelSpec model) {
    var applicable = new TreeMap<>(rateFactors);
    applicable
        .entrySet()
        .removeIf(
            factor ->
                factor.getValue().equals(RATE_FACTORS.get(factor.getKey()))
                    && model.byPath().values().stream()
                        .flatMap(layer -> layer.parameters().stream())
                        .noneMatch(parameter -> parameter.name().equals(factor.getKey())));
    return applicable;
  }

  /**
   * K for these data: 256, or fewer where rows are wide; 64 for families whose components have a
   * factor.
   */
  public static int components(Family family, int features) {
    return family.rankRule() == Family.RankRule.NONE
        ? Math.clamp(MOST_NUMBERS / Math.max(1, features), LEAST_COMPONENTS, MOST_COMPONENTS)
        : LEAST_COMPONENTS;
  }
}
