package io.measureflow.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.Precision;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Whole training steps against worked cases, to be subclassed by each backend: outputs, loss,
 * gradients and parameters after one Wasserstein step.
 */
public abstract class GoldenConformance {

  /**
   * The families and activations of the cases beside the checkout that are expected to be covered,
   * so that none drops out unnoticed.
   */
  private static final Set<String> SHARED_CASES =
      Set.of(
          "dirac-identity",
          "dirac-relu",
          "isotropic-identity",
          "isotropic-relu",
          "diagonal-identity",
          "diagonal-relu",
          "diagonal-relu-nobias-regression",
          "extreme-tiny-spread",
          "extreme-saturated-and-zero-row");

  /** Opens the backend under test. */
  protected abstract Backend open();

  /** The largest error that is allowed, relative to the largest entry of each result. */
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

  @Test
  void noCaseDropsOut() {
    assertTrue(GoldenCase.own().stream().allMatch(GoldenCase::isCovered));
    var covered = new TreeSet<String>();
    shared().stream().filter(GoldenCase::isCovered).map(GoldenCase::name).forEach(covered::add);
    assertEquals(new TreeSet<>(SHARED_CASES), covered);
  }

  private static List<GoldenCase> shared() {
    var shared = GoldenCase.shared();
    Assumptions.assumeTrue(
        shared.isPresent(), "shared/golden/gm-layers.json is not beside the checkout");
    return shared.orElseThrow();
  }

  private Stream<DynamicTest> tests(String origin, List<GoldenCase> cases) {
    return cases.stream()
        .filter(GoldenCase::isCovered)
        .map(c -> DynamicTest.dynamicTest(origin + " " + c.name(), () -> check(c)));
  }

  private void check(GoldenCase c) {
    try (Backend backend = open()) {
      double allowed = tolerance(backend.description().precision());
      c.errors(backend)
          .forEach(
              (result, error) -> {
                if (!(error <= allowed)) {
                  fail(
                      c.name()
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
