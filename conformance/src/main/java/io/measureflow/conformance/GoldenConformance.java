package io.measureflow.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.Precision;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Compares whole training steps with worked cases, to be subclassed by each backend: outputs, loss,
 * gradients and parameters after one Wasserstein step; and networks with what PyTorch computes.
 */
public abstract class GoldenConformance {

  /** The number of cases beside the checkout, so that none is lost unnoticed. */
  private static final int SHARED_CASES = 44;

  /** Opens the backend under test. */
  protected abstract Backend open();

  /** Returns the tolerance of the error, relative to the largest entry of each result. */
  protected double tolerance(Precision precision) {
    return switch (precision) {
      case FLOAT32 -> 2e-5;
      case FLOAT64 -> 1e-10;
    };
  }

  @TestFactory
  Stream<DynamicTest> ownCases() {
    return tests("own", GoldenCase.own());
  }

  @TestFactory
  Stream<DynamicTest> sharedCases() {
    return tests("shared", shared());
  }

  @TestFactory
  Stream<DynamicTest> networks() {
    return NetworkCase.all().stream()
        .map(c -> DynamicTest.dynamicTest(c.name(), () -> check(c.name(), c::errors)));
  }

  @Test
  void noCaseDropsOut() {
    assertEquals(SHARED_CASES, shared().size());
  }

  private static List<GoldenCase> shared() {
    var shared = GoldenCase.shared();
    Assumptions.assumeTrue(
        shared.isPresent(), "shared/golden/gm-layers.json is not beside the checkout");
    return shared.orElseThrow();
  }

  private Stream<DynamicTest> tests(String origin, List<GoldenCase> cases) {
    return cases.stream()
        .map(
            c ->
                DynamicTest.dynamicTest(origin + " " + c.name(), () -> check(c.name(), c::errors)));
  }

  private void check(String name, Function<Backend, Map<String, Double>> errors) {
    try (Backend backend = open()) {
      double allowed = tolerance(backend.description().precision());
      errors
          .apply(backend)
          .forEach(
              (result, error) -> {
                if (!(error <= allowed)) {
                  fail(
                      name
                          + ", "
                          + result
                          + ": expected an error of at most "
                          + allowed
                          + ", found "
                          + error);
                }
              });
    }
  }
}
