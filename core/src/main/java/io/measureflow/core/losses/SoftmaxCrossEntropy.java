package io.measureflow.core.losses;

import io.measureflow.api.data.DatasetRequest.TargetKind;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.model.Loss;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * Softmax cross-entropy of logits [B, p] with integer labels [B]. With weights it is the sum over
 * the rows divided by the sum of the weights of their labels.
 *
 * @param labelSmoothing the probability that is spread evenly over all outputs instead of given to
 *     the label, from 0 to below 1
 * @param classWeights a weight above 0 for each output; empty for 1 each
 */
public record SoftmaxCrossEntropy(double labelSmoothing, List<Double> classWeights)
    implements Loss {

  private static final String LABEL_SMOOTHING = "label-smoothing";
  private static final String CLASS_WEIGHTS = "class-weights";

  /** Creates the loss without smoothing and weights. */
  public SoftmaxCrossEntropy() {
    this(0, List.of());
  }

  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException if the smoothing is not from 0 to below 1, or a weight is not
   *     a finite number above 0
   */
  public SoftmaxCrossEntropy {
    if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
      throw new IllegalArgumentException(
          LABEL_SMOOTHING + ": expected a number from 0 to below 1, found " + labelSmoothing);
    }
    classWeights = List.copyOf(classWeights);
    for (double weight : classWeights) {
      if (!(weight > 0 && weight < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            CLASS_WEIGHTS + ": expected numbers above 0, found " + weight);
      }
    }
  }

  /** Returns a copy with another smoothing of the labels, from 0 to below 1. */
  public SoftmaxCrossEntropy labelSmoothing(double value) {
    return new SoftmaxCrossEntropy(value, classWeights);
  }

  /** Returns a copy with other weights, each above 0: one per class, or none. */
  public SoftmaxCrossEntropy classWeights(double... values) {
    return new SoftmaxCrossEntropy(labelSmoothing, Arrays.stream(values).boxed().toList());
  }

  @Override
  public String name() {
    return "softmax_cross_entropy";
  }

  @Override
  public SequencedMap<String, List<Double>> options() {
    var options = new LinkedHashMap<String, List<Double>>();
    options.put(LABEL_SMOOTHING, List.of(labelSmoothing));
    options.put(CLASS_WEIGHTS, classWeights);
    return options;
  }

  @Override
  public Loss withOption(String option, List<Double> value) {
    return switch (option) {
      case LABEL_SMOOTHING -> labelSmoothing(Terms.number(option, value));
      case CLASS_WEIGHTS -> new SoftmaxCrossEntropy(labelSmoothing, value);
      default -> Loss.super.withOption(option, value);
    };
  }

  @Override
  public TargetKind target() {
    return TargetKind.CLASSES;
  }

  @Override
  public Value value(ProgramBuilder program, Value output, Value target) {
    if (labelSmoothing == 0 && classWeights.isEmpty()) {
      return program.softmaxCrossEntropy(output, target);
    }
    int rows = output.shape().dimension(0);
    int classes = output.shape().dimension(1);
    Value weights = weights(program, classes);
    Value ofLabel = program.multiply(program.oneHot(target, classes), weights);
    Value wanted =
        program.add(
            program.affine(ofLabel, 1 - labelSmoothing, 0),
            program.affine(weights, labelSmoothing / classes, 0));
    Value sum =
        program.sumTo(program.multiply(wanted, logSoftmax(program, output, rows)), Shape.SCALAR);
    return classWeights.isEmpty()
        ? program.affine(sum, -1.0 / rows, 0)
        : program.affine(program.divide(sum, program.sumTo(ofLabel, Shape.SCALAR)), -1, 0);
  }

  private Value weights(ProgramBuilder program, int classes) {
    if (classWeights.isEmpty()) {
      return program.constant(1, Shape.of(1, classes));
    }
    if (classWeights.size() != classes) {
      throw InvalidRequestException.of(
          "loss " + name() + ", " + CLASS_WEIGHTS,
          classes + " weights, one for each class",
          String.valueOf(classWeights.size()),
          "Correct the option.");
    }
    return program.literal(
        Shape.of(1, classes), classWeights.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /** The logarithms themselves, as that of a probability that underflows is not finite. */
  private static Value logSoftmax(ProgramBuilder program, Value output, int rows) {
    Shape column = Shape.of(rows, 1);
    Value below = program.subtract(output, program.maxTo(output, column));
    return program.subtract(below, program.log(program.sumTo(program.exp(below), column)));
  }
}
