package io.measureflow.api.model;

import io.measureflow.api.data.DatasetRequest.TargetKind;
import io.measureflow.api.data.Link;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;
import io.measureflow.api.registry.Kind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * A loss, averaged over the batch. Implementations are found by {@link java.util.ServiceLoader} and
 * have a public constructor without parameters, which sets the default options; losses with the
 * same name and the same options are equal.
 */
public interface Loss {

  /** Losses are found by name, with their default options. */
  Kind<Loss> KIND = Kind.of(Loss.class, "loss", "losses", Loss::name);

  /** Returns the name in configurations, lower case: {@code softmax_cross_entropy}. */
  String name();

  /**
   * Returns the options and their values, by name, in the order of the documentation. An option
   * that is a number has one value; one that is a list of numbers has any number, none where it is
   * not set.
   */
  default SequencedMap<String, List<Double>> options() {
    return new LinkedHashMap<>();
  }

  /**
   * Returns this loss with another value of one of its {@link #options}.
   *
   * @param value one number, or those of a list
   * @throws IllegalArgumentException if there is no such option, or the value is invalid; the
   *     message says what was expected and found
   */
  default Loss withOption(String option, List<Double> value) {
    throw new IllegalArgumentException(
        "loss "
            + name()
            + ": expected "
            + (options().isEmpty()
                ? "no option"
                : "one of the options " + String.join(", ", options().keySet()))
            + ", found '"
            + option
            + "'");
  }

  /**
   * Returns this loss with other values of some of its options.
   *
   * @throws IllegalArgumentException as {@link #withOption}
   */
  default Loss withOptions(Map<String, List<Double>> options) {
    Loss changed = this;
    for (Map.Entry<String, List<Double>> option : options.entrySet()) {
      changed = changed.withOption(option.getKey(), option.getValue());
    }
    return changed;
  }

  /**
   * Returns the kind of target: {@code CLASSES} for labels [B], {@code REAL} for targets [B, p].
   */
  TargetKind target();

  /**
   * Returns the range that real targets must lie in. A loss with one takes targets in their own
   * units: they are never standardised. Empty where any number will do, on any scale.
   */
  default Optional<TargetRange> targetRange() {
    return Optional.empty();
  }

  /** Returns how an output of the model becomes the prediction of a real target. */
  default Link link() {
    return Link.IDENTITY;
  }

  /**
   * Writes the mean loss of a batch.
   *
   * @param output the outputs of the model, [B, p]
   * @param target integer labels [B], or real targets [B, p]
   * @return a scalar
   * @throws io.measureflow.api.error.InvalidRequestException if an option does not suit the number
   *     of outputs
   */
  Value value(ProgramBuilder program, Value output, Value target);

  /**
   * An interval.
   *
   * @param least its lower end, included; may be infinite
   * @param largest its upper end, included; may be infinite
   */
  record TargetRange(double least, double largest) {

    /** Returns whether a number lies in it; NaN does not. */
    public boolean contains(double target) {
      return target >= least && target <= largest;
    }

    @Override
    public String toString() {
      return largest < Double.POSITIVE_INFINITY
          ? "numbers from " + plain(least) + " to " + plain(largest)
          : least > Double.NEGATIVE_INFINITY ? "numbers of at least " + plain(least) : "numbers";
    }

    /** Prints 0 rather than 0.0. */
    private static String plain(double number) {
      return number == Math.rint(number) && Math.abs(number) < 1e15
          ? String.valueOf((long) number)
          : String.valueOf(number);
    }
  }
}
