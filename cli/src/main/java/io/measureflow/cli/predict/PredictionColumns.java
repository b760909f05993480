package io.measureflow.cli.predict;

import io.measureflow.TrainedModel;
import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.PredictionWriter.Column;
import io.measureflow.api.data.PredictionWriter.Numbers;
import io.measureflow.api.data.PredictionWriter.Texts;
import io.measureflow.api.data.Preprocessing;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.program.Shape;
import io.measureflow.core.data.FeatureTransform;
import io.measureflow.core.losses.Softmax;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The columns of predictions, and their values from the outputs of a model. */
final class PredictionColumns {

  /** The option that chooses the columns. */
  static final String OPTION = "--columns";

  private static final String PREFIX = "probability_";

  /** What can be written. */
  enum Part {
    /** The class by name, or the real targets in their own units. */
    PREDICTION,
    /** The probability of each class. */
    PROBABILITIES,
    /** What the last layer puts out. */
    OUTPUTS,
    /** The variance of each output under the measure of the last layer. */
    VARIANCE;

    String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Set<Part> parts;
  private final List<Column> columns = new ArrayList<>();
  private final int outputs;
  private final int classes;
  private final int targets;
  private final FeatureTransform units;
  private boolean withFiles;
  private long row;

  private PredictionColumns(
      Set<Part> parts, int outputs, Target target, FeatureTransform units, ElementType type) {
    this.parts = parts;
    this.outputs = outputs;
    this.units = units;
    List<String> names = target instanceof Target.Classes(List<String> each) ? each : List.of();
    classes = names.size();
    List<String> reals = target instanceof Target.Real(List<String> each) ? each : List.of();
    targets = reals.size();
    Optional<ElementType> own = Optional.of(type);
    Optional<ElementType> exact = Optional.of(ElementType.FLOAT64);
    for (Part part : parts) {
      switch (part) {
        case PREDICTION -> {
          if (classes > 0) {
            columns.add(new Texts("prediction", names));
          } else {
            // Large targets that differ little need more digits than their standardised form.
            reals.forEach(
                name ->
                    columns.add(
                        new Numbers(
                            targets == 1 ? "prediction" : "prediction_" + name,
                            units.isIdentity() ? own : exact)));
          }
        }
        case PROBABILITIES ->
            probabilityNames(names).forEach(name -> columns.add(new Numbers(name, exact)));
        case OUTPUTS -> numbered("y", own);
        case VARIANCE -> numbered("variance", own);
      }
    }
  }

  private void numbered(String prefix, Optional<ElementType> type) {
    IntStream.range(0, outputs).forEach(j -> columns.add(new Numbers(prefix + j, type)));
  }

  /**
   * Probabilities have the names of their classes; where one of these is the name of another column
   * of predictions, each begins with {@value #PREFIX}.
   */
  private static List<String> probabilityNames(List<String> classes) {
    boolean taken =
        classes.stream().anyMatch(name -> name.matches("prediction|(y|variance)[0-9]+"));
    return taken ? classes.stream().map(name -> PREFIX + name).toList() : classes;
  }

  /**
   * Chooses the columns.
   *
   * @param asked the names of parts, separated by commas; empty for the default of the model
   * @param type the type of the outputs
   * @throws InvalidRequestException if the model has no such columns
   */
  static PredictionColumns of(Optional<String> asked, TrainedModel model, ElementType type) {
    Target target = model.preprocessing().map(Preprocessing::target).orElseGet(Target.None::new);
    Set<Part> parts =
        asked
            .map(PredictionColumns::parts)
            .orElseGet(
                () ->
                    switch (target) {
                      case Target.Classes _ -> parts(Part.PREDICTION, Part.PROBABILITIES);
                      case Target.Real _ -> parts(Part.PREDICTION);
                      case Target.None _ -> parts(Part.OUTPUTS);
                    });
    if (parts.contains(Part.PREDICTION) && target instanceof Target.None) {
      throw missing(Part.PREDICTION, "classes or real targets", "one without their names");
    }
    if (parts.contains(Part.PROBABILITIES) && !(target instanceof Target.Classes)) {
      throw missing(
          Part.PROBABILITIES,
          "classes",
          target instanceof Target.Real ? "one of real targets" : "one without class names");
    }
    FeatureTransform units =
        model
            .preprocessing()
            .map(FeatureTransform::ofTargets)
            .orElseGet(FeatureTransform::identity);
    return new PredictionColumns(parts, model.outputs(), target, units, type);
  }

  private static InvalidRequestException missing(Part part, String trainedOn, String found) {
    return InvalidRequestException.of(
        OPTION + " " + part.key(),
        "a model that was trained on " + trainedOn,
        found,
        "Ask for outputs.");
  }

  private static Set<Part> parts(Part... parts) {
    return new LinkedHashSet<>(Arrays.asList(parts));
  }

  private static Set<Part> parts(String asked) {
    var parts = new LinkedHashSet<Part>();
    for (String word : asked.split(",", -1)) {
      Part part =
          Arrays.stream(Part.values())
              .filter(each -> each.key().equals(word.strip()))
              .findFirst()
              .orElseThrow(
                  () ->
                      InvalidRequestException.of(
                          OPTION,
                          "some of "
                              + Arrays.stream(Part.values())
                                  .map(Part::key)
                                  .collect(Collectors.joining(", "))
                              + ", separated by commas",
                          "'" + word.strip() + "'",
                          "Correct the list."));
      if (!parts.add(part)) {
        throw InvalidRequestException.of(
            OPTION, "each name once", part.key() + " twice", "Correct the list.");
      }
    }
    return parts;
  }

  /** Puts the file of each row in a first column. */
  void startWithFiles(String name, List<String> files) {
    columns.addFirst(new Texts(name, files));
    withFiles = true;
  }

  /** Returns the columns, in the order that was asked for. */
  List<Column> columns() {
    return columns;
  }

  /** Returns the names of what is written, as {@code prediction, probabilities}. */
  String described() {
    return parts.stream().map(Part::key).collect(Collectors.joining(", "));
  }

  /** Returns whether variances are needed. */
  boolean variance() {
    return parts.contains(Part.VARIANCE);
  }

  /**
   * Computes the columns of the next batch.
   *
   * @param batch the outputs [B, p]
   * @param variances the variances [B, p]; any tensor where they are not needed
   * @param rows the number of valid rows
   * @return [rows, columns] in float64; of a text column, the indices
   */
  Tensor values(Tensor batch, Tensor variances, int rows) {
    Tensor values = Tensor.zeros(Shape.of(rows, columns.size()), ElementType.FLOAT64);
    double[] numbers = new double[outputs];
    long at = 0;
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < outputs; j++) {
        numbers[j] = batch.get((long) i * outputs + j);
      }
      if (withFiles) {
        values.set(at++, (double) row++);
      }
      for (Part part : parts) {
        switch (part) {
          case PREDICTION -> {
            if (classes > 0) {
              values.set(at++, Softmax.largest(Arrays.copyOf(numbers, classes)));
            } else {
              double[] real = Arrays.copyOf(numbers, targets);
              units.predict(real);
              at = put(values, at, real);
            }
          }
          case PROBABILITIES -> {
            double[] probabilities = Arrays.copyOf(numbers, classes);
            Softmax.inPlace(probabilities);
            at = put(values, at, probabilities);
          }
          case OUTPUTS -> at = put(values, at, numbers);
          case VARIANCE -> {
            for (int j = 0; j < outputs; j++) {
              values.set(at++, variances.get((long) i * outputs + j));
            }
          }
        }
      }
    }
    return values;
  }

  private static long put(Tensor values, long at, double[] numbers) {
    for (int j = 0; j < numbers.length; j++) {
      values.set(at + j, numbers[j]);
    }
    return at + numbers.length;
  }
}
