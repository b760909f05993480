package io.measureflow.config;

import com.typesafe.config.ConfigUtil;
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
import io.measureflow.core.augmentation.Augmentation;
import io.measureflow.core.layers.MeasureLayer;
import io.measureflow.core.losses.Losses;
import io.measureflow.core.model.InitialScale;
import io.measureflow.core.training.Objective;
import io.measureflow.core.training.Prefetch;
import io.measureflow.core.training.Trainable;
import io.measureflow.core.training.TrainingSettings;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The section {@code training}: how the model is trained. What is empty is chosen from the data
 * ({@link RunConfig#completed}), or else has the values of {@link Defaults#PLAIN}.
 *
 * @param epochs the number of passes over the training rows
 * @param batch the number of rows of a batch
 * @param learningRate h; empty for the default of model and flow
 * @param flow the flow
 * @param flowOptions options of the flow, by name; those not given have their usual values
 * @param rateFactors factors on the learning rate, by the names of parameters, layer types or both
 * @param schedule the factor on the learning rate along training, after the warm-up
 * @param warmUp the fraction of the steps in which the learning rate rises linearly at first
 * @param shuffle whether each epoch visits the rows in a new random order
 * @param validation the fraction of the training rows held out
 * @param patience the number of epochs without a better validation loss before stopping; 0 for
 *     never
 * @param loss the loss; empty for the default of the target
 * @param lossOptions options of the loss, by name; those not given have their usual values
 * @param secondMoment lambda, the weight of the second moment in the objective
 * @param entropy tau, the temperature of the entropy in the objective
 * @param trainable what is trained
 * @param initialisation how large the outputs of mixtures are at first
 * @param augmentation how the images of training rows are changed at random
 * @param report whether each epoch reports statistics of the flow
 * @param prefetch whether batches are prefetched on another thread
 */
public record TrainingConfig(
    OptionalInt epochs,
    OptionalInt batch,
    OptionalDouble learningRate,
    Optional<Named> flow,
    SequencedMap<String, Double> flowOptions,
    Optional<Map<String, Double>> rateFactors,
    Optional<LearningRateSchedule> schedule,
    double warmUp,
    boolean shuffle,
    OptionalDouble validation,
    OptionalInt patience,
    Optional<Named> loss,
    SequencedMap<String, List<Double>> lossOptions,
    OptionalDouble secondMoment,
    double entropy,
    Trainable trainable,
    InitialScale initialisation,
    Augmentation augmentation,
    boolean report,
    Prefetch prefetch) {

  private static final String FLOW_OPTIONS = "training.flow-options";
  private static final String LOSS_OPTIONS = "training.loss-options";
  private static final String RATE_FACTORS = "training.rate-factors";
  private static final String SCHEDULE = "training.schedule.kind";
  private static final String CONSTANT = "constant";
  private static final String COSINE = "cosine";
  private static final String STEP = "step";
  private static final String ONE_CYCLE = "one-cycle";
  private static final double DEFAULT_LEARNING_RATE = 0.5;

  /** Copies the maps. */
  public TrainingConfig {
    flowOptions = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(flowOptions));
    lossOptions = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(lossOptions));
    rateFactors = rateFactors.map(Map::copyOf);
  }

  /**
   * Returns the section that describes these settings.
   *
   * @param initialisation how the parameters were drawn
   */
  public static TrainingConfig of(TrainingSettings settings, InitialScale initialisation) {
    return of(settings, initialisation, Prefetch.AUTO);
  }

  private static TrainingConfig of(
      TrainingSettings settings, InitialScale initialisation, Prefetch prefetch) {
    LearningRateSchedule schedule = settings.schedule();
    double warmUp = 0;
    if (schedule instanceof LearningRateSchedule.WarmUp(double fraction, var then)) {
      schedule = then;
      warmUp = fraction;
    }
    return new TrainingConfig(
        OptionalInt.of(settings.epochs()),
        OptionalInt.of(settings.batch()),
        OptionalDouble.of(settings.learningRate()),
        Optional.of(Named.of(settings.flow().name())),
        settings.flow().options(),
        Optional.of(settings.trainable().rateFactors()),
        Optional.of(schedule),
        warmUp,
        settings.shuffle(),
        OptionalDouble.of(settings.validation()),
        OptionalInt.of(settings.patience()),
        Optional.of(Named.of(settings.objective().loss().name())),
        settings.objective().loss().options(),
        OptionalDouble.of(settings.objective().secondMoment()),
        settings.objective().entropy(),
        settings.trainable(),
        initialisation,
        settings.augmentation(),
        settings.report(),
        prefetch);
  }

  static TrainingConfig read(ConfigReader reader) {
    var options = new LinkedHashMap<String, Double>();
    for (String option : reader.section(FLOW_OPTIONS).keySet()) {
      options.put(
          option,
          reader.number(
              FLOW_OPTIONS + "." + option, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY));
    }
    var lossOptions = new LinkedHashMap<String, List<Double>>();
    for (String option : reader.section(LOSS_OPTIONS).keySet()) {
      lossOptions.put(option, reader.numbers(LOSS_OPTIONS + "." + option));
    }
    return new TrainingConfig(
        reader.integerOrAuto("training.epochs", 1),
        reader.integerOrAuto("training.batch", 1),
        reader.positiveOrAuto("training.learning-rate"),
        reader.namedOrAuto("training.flow"),
        options,
        rateFactors(reader),
        schedule(reader),
        reader.number("training.warm-up", 0, 1),
        reader.bool("training.shuffle"),
        reader.numberOrAuto("training.validation", 0, 1),
        reader.integerOrAuto("training.patience", 0),
        reader.namedOrAuto("training.loss"),
        lossOptions,
        reader.numberOrAuto("training.second-moment", 0, Double.POSITIVE_INFINITY),
        reader.number("training.entropy", 0, Double.POSITIVE_INFINITY),
        trainable(reader),
        reader.choice("training.initialisation", InitialScale.class),
        new Augmentation(
            reader.integer("training.augment.shift", 0), reader.bool("training.augment.flip")),
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
            reader.limit("training.clip").orElse(Double.POSITIVE_INFINITY))
        .withDecay(reader.choice("training.decays", Trainable.Decay.class));
  }

  private static Optional<Map<String, Double>> rateFactors(ConfigReader reader) {
    var factors = new TreeMap<String, Double>();
    for (String path : reader.section(RATE_FACTORS).keySet()) {
      String name = String.join(".", ConfigUtil.splitPath(path));
      factors.put(name, reader.positive(RATE_FACTORS + "." + path));
    }
    return factors.isEmpty() ? Optional.empty() : Optional.of(factors);
  }

  private static Optional<LearningRateSchedule> schedule(ConfigReader reader) {
    String kind =
        reader.oneOf(SCHEDULE, List.of(ConfigReader.AUTO, CONSTANT, COSINE, STEP, ONE_CYCLE));
    return switch (kind) {
      case COSINE ->
          Optional.of(
              new LearningRateSchedule.Cosine(
                  reader.number("training.schedule.floor", 0, Math.nextUp(1.0))));
      case ONE_CYCLE ->
          Optional.of(
              new LearningRateSchedule.OneCycle(
                  reader.number("training.schedule.rise", 0, 1),
                  reader.positive("training.schedule.divisor"),
                  reader.positive("training.schedule.final-divisor")));
      case STEP ->
          Optional.of(
              new LearningRateSchedule.StepDecay(
                  reader.positive("training.schedule.decay"),
                  reader.integer("training.schedule.phases", 1)));
      case CONSTANT -> Optional.of(new LearningRateSchedule.Constant());
      default -> Optional.empty();
    };
  }

  void write(ConfigWriter writer) {
    writer.putOrAuto("training.epochs", epochs);
    writer.putOrAuto("training.batch", batch);
    writer.putOrAuto("training.learning-rate", learningRate);
    writer.putOrAuto("training.flow", flow.map(Named::name));
    flowOptions.forEach((option, value) -> writer.put(FLOW_OPTIONS + "." + option, value));
    rateFactors
        .map(TreeMap::new)
        .ifPresent(
            factors ->
                factors.forEach((name, value) -> writer.putNamed(RATE_FACTORS, name, value)));
    schedule.ifPresentOrElse(
        chosen -> write(writer, chosen), () -> writer.put(SCHEDULE, ConfigReader.AUTO));
    writer.put("training.warm-up", warmUp);
    writer.put("training.shuffle", shuffle);
    writer.putOrAuto("training.validation", validation);
    writer.putOrAuto("training.patience", patience);
    writer.putOrAuto("training.loss", loss.map(Named::name));
    lossOptions.forEach(
        (option, value) ->
            writer.put(LOSS_OPTIONS + "." + option, value.size() == 1 ? value.getFirst() : value));
    writer.putOrAuto("training.second-moment", secondMoment);
    writer.put("training.entropy", entropy);
    writer.put(
        "training.train",
        String.join(", ", trainable.roles().stream().map(Role::name).sorted().toList()));
    writer.put("training.weight-rate", trainable.weightRate());
    writer.put(
        "training.clip",
        trainable.clip() < Double.POSITIVE_INFINITY ? trainable.clip() : ConfigReader.NONE);
    writer.putKey("training.decays", trainable.decay());
    writer.putKey("training.initialisation", initialisation);
    writer.put("training.augment.shift", augmentation.shift());
    writer.put("training.augment.flip", augmentation.flip());
    writer.put("training.report", report);
    writer.putKey("training.prefetch", prefetch);
  }

  private static void write(ConfigWriter writer, LearningRateSchedule schedule) {
    switch (schedule) {
      case LearningRateSchedule.Constant constant -> writer.put(SCHEDULE, CONSTANT);
      case LearningRateSchedule.Cosine(double floor) -> {
        writer.put(SCHEDULE, COSINE);
        writer.put("training.schedule.floor", floor);
      }
      case LearningRateSchedule.OneCycle(double rise, double divisor, double finalDivisor) -> {
        writer.put(SCHEDULE, ONE_CYCLE);
        writer.put("training.schedule.rise", rise);
        writer.put("training.schedule.divisor", divisor);
        writer.put("training.schedule.final-divisor", finalDivisor);
      }
      case LearningRateSchedule.StepDecay(double decay, int phases) -> {
        writer.put(SCHEDULE, STEP);
        writer.put("training.schedule.decay", decay);
        writer.put("training.schedule.phases", phases);
      }
      case LearningRateSchedule.WarmUp(double fraction, LearningRateSchedule then) ->
          throw new IllegalArgumentException(
              "schedule: expected one warm-up, found another within it");
    }
  }

  /** The same with all that these settings decide. */
  TrainingConfig resolved(TrainingSettings settings) {
    return of(settings, initialisation, prefetch);
  }

  /** Whether the run is left to choose how it trains. */
  boolean leftOpen() {
    return Defaults.leftOpen(flow, learningRate, shuffle);
  }

  /** The same with these values where there are none. */
  TrainingConfig or(Defaults defaults) {
    return new TrainingConfig(
        OptionalInt.of(epochs.orElse(defaults.epochs())),
        OptionalInt.of(batch.orElse(defaults.batch())),
        learningRate.isPresent() ? learningRate : defaults.learningRate(),
        Optional.of(flow.orElseGet(() -> Named.of(defaults.flow()))),
        flowOptions,
        Optional.of(rateFactors.orElse(defaults.rateFactors())),
        Optional.of(schedule.orElse(defaults.schedule())),
        warmUp,
        shuffle,
        OptionalDouble.of(validation.orElse(defaults.validation())),
        OptionalInt.of(patience.orElse(defaults.patience())),
        loss,
        lossOptions,
        OptionalDouble.of(secondMoment.orElse(defaults.secondMoment())),
        entropy,
        trainable,
        initialisation,
        augmentation,
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
      return flow.orElseGet(() -> Named.of(Defaults.PLAIN.flow()))
          .in(extensions, Flow.KIND)
          .withOptions(flowOptions);
    } catch (IllegalArgumentException e) {
      throw new InvalidRequestException(
          RunConfig.ROOT + "." + FLOW_OPTIONS + ", " + e.getMessage() + ". Correct the option.", e);
    }
  }

  /**
   * Returns the loss with its options, or the default for the target if none is named.
   *
   * @throws InvalidRequestException if the loss is unknown, or has no such option
   */
  public Loss loss(Extensions extensions, Schema.Target target) {
    return withOptions(namedLoss(extensions).orElseGet(() -> defaultLoss(target)));
  }

  /** The loss that is named, without its options. */
  Optional<Loss> namedLoss(Extensions extensions) {
    return loss.map(named -> named.in(extensions, Loss.KIND));
  }

  private Loss withOptions(Loss plain) {
    try {
      return plain.withOptions(lossOptions);
    } catch (IllegalArgumentException e) {
      throw new InvalidRequestException(
          RunConfig.ROOT + "." + LOSS_OPTIONS + ", " + e.getMessage() + ". Correct the option.", e);
    }
  }

  /**
   * Looks up all names, to find wrong ones before anything is opened or loaded.
   *
   * @throws InvalidRequestException if a name is unknown
   */
  void check(Extensions extensions) {
    flow(extensions);
    namedLoss(extensions).ifPresent(this::withOptions);
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
    Defaults plain = Defaults.PLAIN;
    return new TrainingSettings(
        new Objective(loss(extensions, target), secondMoment.orElse(plain.secondMoment()), entropy),
        chosen,
        trainable.withRateFactors(
            Defaults.applicable(rateFactors.orElse(plain.rateFactors()), model)),
        report,
        warmUp > 0
            ? new LearningRateSchedule.WarmUp(warmUp, schedule.orElse(plain.schedule()))
            : schedule.orElse(plain.schedule()),
        learningRate.orElseGet(() -> defaultLearningRate(model, chosen, initialisation)),
        epochs.orElse(plain.epochs()),
        batch.orElse(plain.batch()),
        seed,
        shuffle,
        validation.orElse(plain.validation()),
        patience.orElse(plain.patience()),
        augmentation);
  }

  private void requireRoles(ModelSpec model) {
    Set<String> known = new TreeSet<>();
    Role.STANDARD.forEach(role -> known.add(role.name()));
    for (Layer layer : model.byPath().values()) {
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

  /**
   * Returns the learning rate that suits a model and a flow where none is given.
   *
   * @param initialisation how the parameters are drawn
   */
  public static double defaultLearningRate(
      ModelSpec model, Flow flow, InitialScale initialisation) {
    boolean preserves = initialisation.preservesVariance(model);
    double plain = DEFAULT_LEARNING_RATE;
    for (Layer layer : model.byPath().values()) {
      if (layer.parameters().isEmpty()) {
        continue;
      }
      // The flow of w moves an output by the square of a, which starts K times as large.
      int larger =
          preserves && layer instanceof MeasureLayer measure ? measure.mixture().components() : 1;
      plain = Math.min(plain, layer.defaultLearningRate() / larger);
    }
    return flow.defaultLearningRate(plain);
  }
}
