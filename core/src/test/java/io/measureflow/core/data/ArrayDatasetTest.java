package io.measureflow.core.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Table;
import io.measureflow.api.program.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class ArrayDatasetTest {

  private static final float[][] ROWS = {{1, 2}, {3, 4}, {5, 6}};

  private static float[] features(Table table, int... order) {
    Tensor batch = Tensor.zeros(Shape.of(order.length, 2), ElementType.FLOAT32);
    table.features(order, 0, batch);
    return batch.toFloats();
  }

  @Test
  void rowsAreGatheredInAnyOrderAndType() {
    ArrayDataset data = ArrayDataset.classes(ROWS, new int[] {1, 0, 1});
    assertArrayEquals(new float[] {5, 6, 1, 2, 5, 6}, features(data.train(), 2, 0, 2));
    Tensor doubles = Tensor.zeros(Shape.of(1, 2), ElementType.FLOAT64);
    data.train().features(new int[] {0, 1}, 1, doubles);
    assertArrayEquals(new double[] {3, 4}, doubles.toDoubles());
    Tensor labels = Tensor.zeros(Shape.of(3), ElementType.INT32);
    data.train().targets(new int[] {0, 1, 2}, 0, labels);
    assertArrayEquals(new double[] {1, 0, 1}, labels.toDoubles());
    assertEquals(new Schema.Target.Classes(List.of("0", "1")), data.schema().target());
  }

  @Test
  void arraysAreCopied() {
    float[][] rows = {{1, 2}, {3, 4}};
    int[] labels = {0, 1};
    ArrayDataset data = ArrayDataset.classes(rows, labels);
    String before = data.fingerprint();
    rows[0][0] = 9;
    labels[0] = 1;
    assertArrayEquals(new float[] {1, 2}, features(data.train(), 0));
    assertEquals(before, data.fingerprint());
  }

  @Test
  void labelsMayBeNames() {
    ArrayDataset data = ArrayDataset.classes(ROWS, new String[] {"owl", "bat", "owl"});
    assertEquals(new Schema.Target.Classes(List.of("bat", "owl")), data.schema().target());
    Tensor labels = Tensor.zeros(Shape.of(3), ElementType.INT32);
    data.train().targets(new int[] {0, 1, 2}, 0, labels);
    assertArrayEquals(new double[] {1, 0, 1}, labels.toDoubles());
  }

  @Test
  void realTargets() {
    ArrayDataset data = ArrayDataset.real(ROWS, new float[][] {{1, 2}, {3, 4}, {5, 6}});
    assertEquals(new Schema.Target.Real(List.of("target0", "target1")), data.schema().target());
    Tensor targets = Tensor.zeros(Shape.of(2, 2), ElementType.FLOAT64);
    data.train().targets(new int[] {2, 0}, 0, targets);
    assertArrayEquals(new double[] {5, 6, 1, 2}, targets.toDoubles());
    assertEquals(
        new Schema.Target.Real(List.of("target")),
        ArrayDataset.real(ROWS, new float[] {1, 2, 3}).schema().target());
  }

  @Test
  void rowsWithoutLabelsCanBePredictedFor() {
    ArrayDataset data = ArrayDataset.rows(ROWS);
    assertEquals(new Schema.Target.None(), data.schema().target());
    assertArrayEquals(new float[] {3, 4}, features(data.train(), 1));
  }

  @Test
  void testRowsAndNames() {
    ArrayDataset test = ArrayDataset.classes(new float[][] {{7, 8}}, new int[] {0});
    ArrayDataset data =
        ArrayDataset.classes(ROWS, new int[] {1, 0, 1})
            .withTest(test)
            .withFeatureNames("a", "b")
            .named("mine");
    assertEquals(1, data.test().orElseThrow().rows());
    assertEquals(List.of("a", "b"), data.schema().features());
    assertEquals("mine", data.name());
    assertNotEquals(
        ArrayDataset.classes(ROWS, new int[] {1, 0, 1}).fingerprint(), data.fingerprint());
  }

  @Test
  void whatDoesNotFitIsRefused() {
    refused(
        "2 numbers, as in row 0, found 1", () -> ArrayDataset.rows(new float[][] {{1, 2}, {3}}));
    refused("row 0, column 1", () -> ArrayDataset.rows(new float[][] {{1, Float.NaN}}));
    refused("expected 2 rows", () -> ArrayDataset.classes(ROWS, new int[] {0, 1}));
    refused("row 1", () -> ArrayDataset.classes(ROWS, new int[] {0, -1, 0}));
    refused("0 to 0", () -> ArrayDataset.classes(ROWS, new int[] {0, 1, 0}, List.of("a")));
    refused("at least one row", () -> ArrayDataset.rows(new float[0][]));
    refused("expected 1 rows", () -> ArrayDataset.real(ROWS, new float[] {1}));
    ArrayDataset data = ArrayDataset.classes(ROWS, new int[] {1, 0, 1});
    refused("2 features", () -> data.withTest(ArrayDataset.rows(new float[][] {{1}})));
    refused("expected 2, found 1", () -> data.withFeatureNames("a"));
  }

  private static void refused(String expected, Executable call) {
    String message =
        String.valueOf(assertThrows(IllegalArgumentException.class, call).getMessage());
    assertTrue(message.contains(expected), message);
  }
}
