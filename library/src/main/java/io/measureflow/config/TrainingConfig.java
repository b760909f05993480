package io.measureflow.config;

import io.measureflow.api.data.Schema;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.flow.Flow;
import io.measureflow.api.flow.LearningRateSchedule;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.measure.Role;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.Loss;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.registry.Extensions;
import io.measureflow.core.losses.Losses;
import io.measureflow.core.training.Objective;
import io.measureflow.core.training.Prefetch;
import io.measureflow.core.training.Trainable;
import io.measureflow.core.training.TrainingSettings;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;

/**
 * The section {@code training}: how the model is trained.
 *
 * @param epochs the number of passes over the training rows
 * @param batch the number of rows of a batch
 * @param learningRate h; empty for the default of model and flow
 * @param flow the flow
 * @param flowOptions options of the flow, by name; others have their default values
 * @param schedule the factor on the learning rate along training
 * @param shuffle whether each epoch visits the rows in a new random order
 * @param validation the fraction of the training rows held out
 * @param patience the number of epochs without a better validation loss before stopping; 0 for
 *     never
 * @param loss the loss; empty for the default of the target
 * @param secondMoment lambda, the weight of the second moment in the objective
 * @param entropy tau, the temperature of the entropy in the objective
 * @param trainable what is trained
 * @param report whether each epoch reports statistics of the flow
 * @param prefetch whether batches are prefetched on another thread
 */
public record TrainingConfig(
    int epochs,
    int batch,
    OptionalDouble learningRate,
    Named flow,
    SequencedMap<String, Double> flowOptions,
    LearningRateSchedule schedule,
    boolean shuffle,
    double validation,
    int patience,
    Optional<Named> loss,
    double secondMoment,
    double entropy,
    Trainable trainable,
    boolean report,
    Prefetch prefetch) {

  private static final String FLOW_OPTIONS = "training.flow-options";
  private static final double USUAL_LEARNING_RATE = 0.5;

  /** Copies the map. */
  public TrainingConfig {
    flowOptions = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(flowOptions));
  }

  /** Returns the section that describes these settings. */
  public static TrainingConfig of(TrainingSettings settings) {
    return new TrainingConfig(
        settings.epochs(),
        settings.batch(),
        OptionalDouble.of(settings.learningRate()),
        Named.of(settings.flow().name()),
        settings.flow().options(),
        settings.schedule(),
        settings.shuffle(),
        settings.validation(),
        settings.patience(),
        Optional.of(Named.of(settings.objective().loss().name())),
        settings.objective().secondMoment(),
        settings.objective().entropy(),
        settings.trainable(),
        settings.report(),
        Prefetch.AUTO);
  }

  static TrainingConfig read(ConfigReader reader) {
    var options = new LinkedHashMap<String, Double>();
    for (String option : reader.section(FLOW_OPTIONS).keySet()) {
      options.put(
          option,
          reader.number(
              FLOW_OPTIONS + "." + option, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY));
    }
    return new TrainingConfig(
        reader.integer("training.epochs", 1),
        reader.integer("training.batch", 1),
        reader.positiveOrAuto("training.learning-rate"),
        reader.named("training.flow"),
        options,
        schedule(reader),
        reader.bool("training.shuffle"),
        reader.number("training.validation", 0, 1),
        reader.integer("training.patience", 0),
        reader.namedOrAuto("training.loss"),
        reader.number("training.second-moment", 0, Double.POSITIVE_INFINITY),
        reader.number("training.entropy", 0, Double.POSITIVE_INFINITY),
        trainable(reader),
        reader.bool("training.report"),
        reader.choice("training.prefetch", Prefetch.class));
  }

  private static Trainable trainable(ConfigReader reader) {
    Set<Role> roles = new LinkedHashSet<>();
    for (String name : reader.texts("training.train")) {
      roles.add(new Role(name));
    }
    if (roles.isEmpty()) {
      throw reader.wrong(
          "training.train", "at least one of means, spread, weights", "Name what is trained.");
    }
    return new Trainable(
        roles,
        reader.positive("training.weight-rate"),
        reader.limit("training.clip").orElse(Double.POSITIVE_INFINITY));
  }

  private static LearningRateSchedule schedule(ConfigReader reader) {
    String kind = reader.oneOf("training.schedule.kind", List.of("constant", "cosine", "step"));
    return switch (kind) {
      case "cosine" ->
          new LearningRateSchedule.Cosine(
              reader.number("training.schedule.floor", 0, Math.nextUp(1.0)),
              reader.integer("training.schedule.warmup-steps", 0));
      case "step" ->
          new LearningRateSchedule.StepDecay(
              reader.positive("training.schedule.decay"),
              reader.integer("training.schedule.phases", 1));
      default -> new LearningRateSchedule.Constant();
    };
  }

  void write(ConfigWriter writer) {
    writer.put("training.epochs", epochs);
    writer.put("training.batch", batch);
    writer.putOrAuto("training.learning-rate", learningRate);
    writer.put("training.flow", flow.name());
    flowOptions.forEach((option, value) -> writer.put(FLOW_OPTIONS + "." + option, value));
    switch (schedule) {
      case LearningRateSchedule.Constant constant ->
          writer.put("training.schedule.kind", "constant");
      case LearningRateSchedule.Cosine(double floor, long warmupSteps) -> {
        writer.put("training.schedule.kind", "cosine");
        writer.put("training.schedule.floor", floor);
        writer.put("training.schedule.warmup-steps", warmupSteps);
      }
      case LearningRateSchedule.StepDecay(double decay, int phases) -> {
        writer.put("training.schedule.kind", "step");
        writer.put("training.schedule.decay", decay);
        writer.put("training.schedule.phases", phases);
      }
    }
    writer.put("training.shuffle", shuffle);
    writer.put("training.validation", validation);
    writer.put("training.patience", patience);
    writer.putOrAuto("training.loss", loss.map(Named::name));
    writer.put("training.second-moment", secondMoment);
    writer.put("training.entropy", entropy);
    writer.put(
        "training.train",
        String.join(", ", trainable.roles().stream().map(Role::name).sorted().toList()));
    writer.put("training.weight-rate", trainable.weightRate());
    writer.put(
        "training.clip",
        trainable.clip() < Double.POSITIVE_INFINITY ? trainable.clip() : ConfigReader.NONE);
    writer.put("training.report", report);
    writer.putKey("training.prefetch", prefetch);
  }

  /** Returns a copy with the given learning rate and loss in place of open ones. */
  TrainingConfig resolved(TrainingSettings settings) {
    return new TrainingConfig(
        epochs,
        batch,
        OptionalDouble.of(settings.learningRate()),
        flow,
        settings.flow().options(),
        schedule,
        shuffle,
        validation,
        patience,
        Optional.of(Named.of(settings.objective().loss().name())),
        secondMoment,
        entropy,
        trainable,
        report,
        prefetch);
  }

  /**
   * Creates the flow with its options.
   *
   * @throws InvalidRequestException if the flow is unknown, or has no such option
   */
  public Flow flow(Extensions extensions) {
    try {
      return flow.in(extensions, Flow.KIND).withOptions(flowOptions);
    } catch (IllegalArgumentException e) {
      throw new InvalidRequestException(
          RunConfig.ROOT + "." + FLOW_OPTIONS + ", " + e.getMessage() + ". Correct the option.", e);
    }
  }

  /** Returns the loss, or the default for the target if none is named. */
  public Loss loss(Extensions extensions, Schema.Target target) {
    return loss.map(named -> named.in(extensions, Loss.KIND)).orElseGet(() -> defaultLoss(target));
  }

  /**
   * Looks up all names, to find wrong ones before anything is opened or loaded.
   *
   * @throws InvalidRequestException if a name is unknown
   */
  void check(Extensions extensions) {
    flow(extensions);
    loss.ifPresent(named -> named.in(extensions, Loss.KIND));
  }

  /**
   * Returns the settings of a run, with open choices made for this model and target.
   *
   * @param extensions where names are looked up
   * @throws InvalidRequestException if a name is unknown, or no parameter of the model has a role
   *     that is to be trained
   */
  public TrainingSettings settings(
      Extensions extensions, ModelSpec model, Schema.Target target, long seed) {
    requireRoles(model);
    Flow chosen = flow(extensions);
    return new TrainingSettings(
        new Objective(loss(extensions, target), secondMoment, entropy),
        chosen,
        trainable,
        report,
        schedule,
        learningRate.orElseGet(() -> defaultLearningRate(model, chosen)),
        epochs,
        batch,
        seed,
        shuffle,
        validation,
        patience);
  }

  private void requireRoles(ModelSpec model) {
    Set<String> known = new TreeSet<>();
    Role.STANDARD.forEach(role -> known.add(role.name()));
    for (Layer layer : model.layers()) {
      for (ParameterSpec parameter : layer.parameters()) {
        known.add(parameter.role().name());
      }
    }
    for (Role role : trainable.roles()) {
      if (!known.contains(role.name())) {
        throw InvalidRequestException.of(
            RunConfig.ROOT + ".training.train",
            "some of " + String.join(", ", known),
            "'" + role.name() + "'",
            "Correct the value.");
      }
    }
  }

  /** Returns the default loss for a target. */
  public static Loss defaultLoss(Schema.Target target) {
    return switch (target) {
      case Schema.Target.Classes classes -> Losses.SOFTMAX_CROSS_ENTROPY;
      case Schema.Target.Real real -> Losses.HALF_SQUARED_ERROR;
      case Schema.Target.None none ->
          throw InvalidRequestException.of(
              "data", "a target to predict", "none", "Name its column with --label.");
    };
  }

  private static double defaultLearningRate(ModelSpec model, Flow flow) {
    double plain = USUAL_LEARNING_RATE;
    for (Layer layer : model.layers()) {
      plain = Math.min(plain, layer.defaultLearningRate());
    }
    return flow.defaultLearningRate(plain);
  }
}
