package io.measureflow.benchmarks.step;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.measure.Role;
import java.util.List;

/**
 * One case of the report: a {@link MixtureStep}, and how much it computes and moves.
 *
 * @param family the family of the components
 * @param components the number of components K
 */
public record StepCase(String family, int components) {

  /** The families of the report. */
  public static final List<String> FAMILIES = List.of("dirac", "isotropic", "diagonal", "factored");

  /** The cases of the report. */
  public static final List<StepCase> ALL =
      FAMILIES.stream()
          .flatMap(
              family ->
                  List.of(16, 64, 256, 1024).stream()
                      .map(components -> new StepCase(family, components)))
          .toList();

  public StepCase {
    if (!FAMILIES.contains(family)) {
      throw InvalidRequestException.of(
          "family",
          "one of " + String.join(", ", FAMILIES),
          "'" + family + "'",
          "Correct the name.");
    }
    if (components < 1) {
      throw InvalidRequestException.of(
          "components", "at least 1", String.valueOf(components), "Correct the number.");
    }
  }

  /**
   * The floating-point operations that count: those of the products of the batch with parameters as
   * wide as the features, forward and backward. A fast step keeps the rest small.
   */
  public double operations() {
    int products =
        switch (family) {
          // x m' and its gradient.
          case "dirac", "isotropic" -> 2;
          // The same and the products of the variances.
          case "diagonal" -> 4;
          // The same and the products of the four columns of the factor.
          case "factored" -> 12;
          default -> throw new IllegalStateException(family);
        };
    return products * 2.0 * MixtureStep.BATCH * MixtureStep.FEATURES * components;
  }

  /**
   * The least number of bytes that a step moves: trained parameters are read and written once, and
   * the batch is read once, all in 32 bits.
   */
  public double bytes() {
    long trained =
        MixtureStep.model(family, components).layers().stream()
            .flatMap(layer -> layer.parameters().stream())
            .filter(parameter -> !parameter.role().equals(Role.WEIGHTS))
            .mapToLong(parameter -> parameter.shape().size())
            .sum();
    return Float.BYTES * (2.0 * trained + MixtureStep.BATCH * (MixtureStep.FEATURES + 1.0));
  }

  @Override
  public String toString() {
    return family + " K=" + components;
  }
}
