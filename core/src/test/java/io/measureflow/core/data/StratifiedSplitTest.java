package io.measureflow.core.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.program.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StratifiedSplitTest {

  /** The only feature of each row, which is its number. */
  private static List<Integer> numbers(Table table) {
    int[] order = new int[table.rows()];
    Arrays.setAll(order, i -> i);
    float[] read = new float[order.length];
    table.features(
        order,
        0,
        new Tensor(Shape.of(order.length, 1), ElementType.FLOAT32, MemorySegment.ofArray(read)));
    var numbers = new ArrayList<Integer>();
    for (float number : read) {
      numbers.add((int) number);
    }
    return numbers;
  }

  private static Dataset rows(int count, int classes) {
    float[][] features = new float[count][];
    int[] labels = new int[count];
    float[] targets = new float[count];
    for (int i = 0; i < count; i++) {
      features[i] = new float[] {i};
      // Unevenly many rows of each class.
      labels[i] = i < classes ? i : (int) Math.sqrt(i) % classes;
    }
    return classes > 1
        ? ArrayDataset.classes(features, labels)
        : ArrayDataset.real(features, targets);
  }

  @ParameterizedTest
  @CsvSource({"100, 3, 5", "101, 4, 10", "57, 1, 7", "6, 2, 6", "3, 1, 2"})
  void eachRowIsHeldOutOnce(int count, int classes, int k) {
    Dataset dataset = rows(count, classes);
    List<StratifiedSplit> folds =
        StratifiedSplit.folds("folds", dataset.train(), dataset.schema().target(), k, 3);
    assertEquals(k, folds.size());
    var held = new ArrayList<Integer>();
    int[][] ofClass = new int[k][classes];
    for (int fold = 0; fold < k; fold++) {
      List<Integer> out = numbers(folds.get(fold).held());
      held.addAll(out);
      assertTrue(out.size() == count / k || out.size() == Math.ceilDiv(count, k), out.toString());
      var both = new ArrayList<>(numbers(folds.get(fold).kept()));
      both.addAll(out);
      assertEquals(count, both.stream().distinct().count());
      for (int row : out) {
        ofClass[fold][row < classes ? row : (int) Math.sqrt(row) % classes]++;
      }
    }
    assertEquals(count, held.size());
    assertEquals(count, held.stream().distinct().count());
    for (int label = 0; label < classes; label++) {
      int least = Integer.MAX_VALUE;
      int most = 0;
      for (int[] counts : ofClass) {
        least = Math.min(least, counts[label]);
        most = Math.max(most, counts[label]);
      }
      assertTrue(most - least <= 1, least + " to " + most);
    }
  }

  /** No class has enough rows for one of them to be held out; all together have. */
  @ParameterizedTest
  @CsvSource({"100, 100, 0.2, 20", "100, 100, 0.8, 80", "7, 7, 0.1, 1", "4, 2, 0.2, 1"})
  void partsHaveTheirSizesWhereClassesAreSmall(
      int count, int classes, double fraction, int expected) {
    Dataset dataset = rows(count, classes);
    StratifiedSplit split =
        StratifiedSplit.of("split", dataset.train(), dataset.schema().target(), fraction, 3);
    assertEquals(expected, split.held().rows());
    var both = new ArrayList<>(numbers(split.held()));
    both.addAll(numbers(split.kept()));
    assertEquals(count, both.stream().distinct().count());
    assertEquals(count, both.size());
    InvalidRequestException refused =
        assertThrows(
            InvalidRequestException.class,
            () -> StratifiedSplit.of("split", dataset.train(), dataset.schema().target(), 1e-3, 3));
    assertTrue(String.valueOf(refused.getMessage()).contains("0 to hold none out"));
  }

  @Test
  void noClassLosesItsOnlyRowWhereOthersHaveMore() {
    Dataset dataset =
        ArrayDataset.classes(
            new float[][] {{0}, {1}, {2}, {3}, {4}, {5}, {6}}, new int[] {0, 1, 2, 3, 3, 4, 4});
    StratifiedSplit split =
        StratifiedSplit.of("split", dataset.train(), dataset.schema().target(), 0.2, 3);
    // A fifth of 7 rows is one: of class 3, the first that has a row to spare.
    assertEquals(1, split.held().rows());
    int held = numbers(split.held()).getFirst();
    assertTrue(held == 3 || held == 4, "row " + held);
  }

  @Test
  void foldsDependOnTheSeed() {
    Dataset dataset = rows(100, 3);
    List<List<Integer>> first = new ArrayList<>();
    for (long seed : new long[] {1, 1, 2}) {
      first.add(
          numbers(
              StratifiedSplit.folds("folds", dataset.train(), dataset.schema().target(), 5, seed)
                  .getFirst()
                  .held()));
    }
    assertEquals(first.get(0), first.get(1));
    assertTrue(!first.get(0).equals(first.get(2)));
  }

  @Test
  void tooManyFoldsAreRefused() {
    Dataset dataset = rows(5, 1);
    for (int k : new int[] {1, 6, -2}) {
      assertThrows(
          InvalidRequestException.class,
          () -> StratifiedSplit.folds("folds", dataset.train(), dataset.schema().target(), k, 1));
    }
  }
}
