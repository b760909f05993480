package io.measureflow.core.data;

import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.InvalidRequestException;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * A table split in two by a seed: the same rounded fraction of each class is held out, or of all
 * rows if the target is not classes. The order of the rows is kept.
 *
 * @param kept the rows that are not held out
 * @param held the held-out fraction
 */
public record StratifiedSplit(Table kept, Table held) {

  /**
   * Splits a table.
   *
   * @param what the setting that requests the split, for messages
   * @param fraction the fraction to hold out, above 0 and below 1
   * @throws InvalidRequestException if one of the parts would be empty
   */
  public static StratifiedSplit of(
      String what, Table table, Schema.Target target, double fraction, long seed) {
    int classes = target instanceof Schema.Target.Classes known ? known.names().size() : 1;
    long[] left = new long[classes];
    if (classes > 1) {
      Targets.classes(table, (row, label) -> left[label]++);
    } else {
      left[0] = table.rows();
    }
    long[] wanted = Arrays.stream(left).map(rows -> Math.round(rows * fraction)).toArray();
    long all = Arrays.stream(wanted).sum();
    if (all < 1 || all >= table.rows()) {
      throw InvalidRequestException.of(
          what,
          "a fraction that leaves rows in both parts",
          fraction + " of " + table.rows() + " rows",
          "Choose another fraction, or 0.");
    }
    var chosen = new RowSelection.Builder(table.rows());
    var random = new SplittableRandom(seed);
    // Selection sampling: each row with the probability that fills its class [knuth1997, 3.4.2].
    Targets.RowConsumer draw =
        (row, label) -> {
          if (random.nextDouble() * left[label] < wanted[label]) {
            chosen.add(row);
            wanted[label]--;
          }
          left[label]--;
        };
    if (classes > 1) {
      Targets.classes(table, draw);
    } else {
      for (int row = 0; row < table.rows(); row++) {
        draw.accept(row, 0);
      }
    }
    return new StratifiedSplit(
        new SelectedTable(table, chosen.others()), new SelectedTable(table, chosen.chosen()));
  }
}
