package io.measureflow.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.measureflow.api.data.DatasetRequest.Scaling;
import io.measureflow.api.data.Preprocessing;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.flow.LearningRateSchedule;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** The rule of docs/defaults.md, worked by hand. */
class DefaultsTest {

  private static final Target CLASSES = new Target.Classes(List.of("a", "b"));
  private static final Target REAL = new Target.Real(List.of("y"));

  private static Defaults of(int rows, Target target) {
    List<Double> ones = Collections.nCopies(4, 1.0);
    Preprocessing data =
        Preprocessing.none(new Schema(List.of(), 4, target, Optional.empty()))
            .withFeatures(Scaling.STANDARDISE, List.of(), ones, ones);
    return forRows(rows, data);
  }

  private static Defaults forRows(int rows, Preprocessing data) {
    return Defaults.forRows(
        rows, data, OptionalInt.empty(), OptionalInt.empty(), OptionalDouble.empty());
  }

  private static void assertChosen(
      Defaults found, int epochs, int batch, double validation, int patience, double moment) {
    assertEquals(
        new Defaults(
            found.family(),
            "adam",
            OptionalDouble.of(0.01),
            Map.of("out_mean", 10.0),
            new LearningRateSchedule.Cosine(0),
            epochs,
            batch,
            validation,
            patience,
            moment),
        found);
  }

  @Test
  void fewRowsOfClassesAreAllTrainedOnAndTheMeasureIsPulledToZero() {
    // Batches of 16, so 3 steps an epoch, and 1,000 epochs for 3,000 steps.
    assertChosen(of(42, CLASSES), 1000, 16, 0, 0, 1.0 / 42);
  }

  @Test
  void fewRealTargetsAreHeldOut() {
    // 34 of 42 rows are trained on.
    assertChosen(of(42, REAL), 1000, 16, 0.2, 200, 1.0 / 42);
  }

  @Test
  void aTenthOfManyRowsIsHeldOut() {
    // 1,260 of 1,400 rows in batches of 128: 10 steps an epoch.
    assertChosen(of(1400, REAL), 300, 128, 0.1, 60, 0);
    assertChosen(of(199, CLASSES), 334, 19, 0.2, 66, 1.0 / 199);
    assertChosen(of(200, CLASSES), 375, 20, 0.2, 75, 0);
  }

  @Test
  void tablesGetDiagonalComponentsAndImagesFactoredOnes() {
    assertEquals("diagonal", of(1400, CLASSES).family());
    var pixels = new Schema(List.of(), 784, CLASSES, Optional.empty());
    assertEquals("factored", forRows(1400, Preprocessing.scaled(pixels, Scaling.UNIT)).family());
  }
}
