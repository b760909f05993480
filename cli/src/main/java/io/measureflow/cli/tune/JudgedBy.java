package io.measureflow.cli.tune;

import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.core.metrics.ClassificationMetrics;
import io.measureflow.core.metrics.Evaluation;
import io.measureflow.core.metrics.RegressionMetrics;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** A metric that trials can be judged by, on rows that they were not trained on. */
@SuppressWarnings("ImmutableEnumChecker") // The functions have no state.
enum JudgedBy {
  LOSS(Evaluation::loss, false),
  LOG_LOSS(ofClasses(ClassificationMetrics::logLoss), false),
  ACCURACY(ofClasses(ClassificationMetrics::accuracy), true),
  F1(ofClasses(metrics -> metrics.macro().f1()), true),
  ROC_AUC(ofClasses(metrics -> metrics.rocAuc().orElse(Double.NaN)), true),
  RMSE(ofReals(RegressionMetrics::rmse), false),
  MAE(ofReals(RegressionMetrics::mae), false),
  R2(ofReals(metrics -> metrics.r2().orElse(Double.NaN)), true);

  /** The option that chooses one. */
  static final String OPTION = "--metric";

  private static final List<JudgedBy> OF_CLASSES = List.of(LOSS, LOG_LOSS, ACCURACY, F1, ROC_AUC);
  private static final List<JudgedBy> OF_REALS = List.of(LOSS, RMSE, MAE, R2);

  private final ToDoubleFunction<Evaluation> value;
  private final boolean higherIsBetter;

  JudgedBy(ToDoubleFunction<Evaluation> value, boolean higherIsBetter) {
    this.value = value;
    this.higherIsBetter = higherIsBetter;
  }

  private static ToDoubleFunction<Evaluation> ofClasses(
      ToDoubleFunction<ClassificationMetrics> value) {
    return evaluation -> evaluation.classification().map(value::applyAsDouble).orElse(Double.NaN);
  }

  private static ToDoubleFunction<Evaluation> ofReals(ToDoubleFunction<RegressionMetrics> value) {
    return evaluation -> evaluation.regression().map(value::applyAsDouble).orElse(Double.NaN);
  }

  /** Returns the names of all, as they are typed. */
  static List<String> names() {
    return Stream.of(values()).map(JudgedBy::typed).toList();
  }

  /**
   * Finds the metric of a name.
   *
   * @param name a name, or auto: log loss for classes, the loss of training for real targets
   * @throws InvalidRequestException if there is none of that name for the target
   */
  static JudgedBy of(String name, Target target) {
    boolean classes = target instanceof Target.Classes;
    if (name.equals("auto")) {
      return classes ? LOG_LOSS : LOSS;
    }
    List<JudgedBy> possible =
        (classes ? OF_CLASSES : OF_REALS)
            .stream()
                .filter(
                    metric ->
                        metric != ROC_AUC
                            || (target instanceof Target.Classes(List<String> names)
                                && names.size() == 2))
                .toList();
    return possible.stream()
        .filter(metric -> metric.typed().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                InvalidRequestException.of(
                    OPTION,
                    "auto or one of "
                        + String.join(", ", possible.stream().map(JudgedBy::typed).toList())
                        + (classes ? ", as the target is classes" : ", as the target is real"),
                    "'" + name + "'",
                    "Choose one of them."));
  }

  /** Returns its name as it is typed: {@code log-loss}. */
  String typed() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Returns its name for display: {@code log loss}. */
  String title() {
    return switch (this) {
      case LOSS, ACCURACY -> typed();
      case LOG_LOSS -> "log loss";
      case F1 -> "macro F1";
      case ROC_AUC -> "ROC AUC";
      case RMSE, MAE, R2 -> name();
    };
  }

  boolean higherIsBetter() {
    return higherIsBetter;
  }

  /** Returns the metric; NaN where it is not defined. */
  double of(Evaluation evaluation) {
    return value.applyAsDouble(evaluation);
  }

  /** Turns a value into a score, of which the lower is the better. */
  double score(double of) {
    return higherIsBetter ? -of : of;
  }
}
