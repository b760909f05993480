package io.measureflow.fuzzing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class RandomTableTest {

  @Test
  void theSameSeedMakesTheSameTable() {
    assertArrayEquals(RandomTable.of(17).csv(), RandomTable.of(17).csv());
    assertEquals(RandomTable.of(17).options(), RandomTable.of(17).options());
  }

  /** What a run of 1,000 tables is meant to meet. */
  @Test
  void tablesAreOfAllSizesAndKinds() {
    var about = new TreeSet<String>();
    int most = 0;
    int widest = 0;
    int fewest = Integer.MAX_VALUE;
    for (int seed = 0; seed < 1000; seed++) {
      RandomTable table = RandomTable.of(seed);
      String text = new String(table.csv(), StandardCharsets.UTF_8);
      assertTrue(text.lines().count() >= table.rows(), () -> table.about());
      assertTrue(table.options().contains("--label"), () -> table.options().toString());
      about.addAll(List.of(table.about().split(", ", -1)));
      most = Math.max(most, table.rows());
      widest = Math.max(widest, table.columns());
      fewest = Math.min(fewest, table.rows());
    }
    assertEquals(2, fewest);
    assertTrue(most > 3000, "rows: " + most);
    assertTrue(widest > 250, "columns: " + widest);
    assertTrue(about.size() >= 19, about.toString());
  }
}
