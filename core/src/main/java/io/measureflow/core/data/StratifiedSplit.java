package io.measureflow.core.data;

import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.InvalidRequestException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
      // Classes of so few rows are rounded together, so that the parts have their sizes.
      wanted = roundedTogether(left, fraction, all < 1 ? 1 : 0);
      if (Arrays.stream(wanted).sum() == 0) {
        wanted = roundedTogether(left, fraction, 0);
      }
      all = Arrays.stream(wanted).sum();
    }
    if (all < 1 || all >= table.rows()) {
      throw InvalidRequestException.of(
          what,
          "a fraction that leaves rows in both parts",
          fraction + " of " + table.rows() + " rows",
          "Choose another fraction, or 0 to hold none out.");
    }
    var chosen = new RowSelection.Builder(table.rows());
    var random = new SplittableRandom(seed);
    // Selection sampling: each row with the probability that fills its class [knuth1997, 3.4.2].
    long[] open = wanted;
    Targets.RowConsumer draw =
        (row, label) -> {
          if (random.nextDouble() * left[label] < open[label]) {
            chosen.add(row);
            open[label]--;
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

  /**
   * Returns how many rows of each class are held out, so that the sum is the rounded fraction where
   * it can be.
   *
   * @param least so many rows of each class stay
   */
  private static long[] roundedTogether(long[] rows, double fraction, int least) {
    long[] wanted = new long[rows.length];
    long passed = 0;
    long given = 0;
    for (int label = 0; label < rows.length; label++) {
      passed += rows[label];
      long share = Math.round(passed * fraction) - given;
      wanted[label] = Math.clamp(share, 0, Math.max(0, rows[label] - least));
      given += wanted[label];
    }
    return wanted;
  }

  /**
   * Splits a table k times, for k-fold cross-validation: each row is held out by exactly one of the
   * splits, and each split holds out the same number of rows of each class, give or take one.
   *
   * @param what the setting that requests the folds, for messages
   * @param folds k, at least 2
   * @throws InvalidRequestException if there are fewer rows than folds
   */
  public static List<StratifiedSplit> folds(
      String what, Table table, Schema.Target target, int folds, long seed) {
    if (folds < 2 || folds > table.rows()) {
      throw InvalidRequestException.of(
          what,
          "from 2 to " + table.rows() + ", the number of training rows",
          String.valueOf(folds),
          "Choose another number of folds.");
    }
    int classes = target instanceof Schema.Target.Classes known ? known.names().size() : 1;
    int[] labels = new int[table.rows()];
    if (classes > 1) {
      Targets.classes(table, (row, label) -> labels[row] = label);
    }
    // In a random order, the rows of each class are dealt to the folds by turns; one class goes on
    // where the one before it ended, so that the folds are of one size.
    int[] order = new int[labels.length];
    Arrays.setAll(order, row -> row);
    var random = new SplittableRandom(seed);
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    int[] next = new int[classes];
    for (int label : labels) {
      next[label]++;
    }
    int before = 0;
    for (int label = 0; label < classes; label++) {
      int rows = next[label];
      next[label] = before;
      before += rows;
    }
    var held = new ArrayList<RowSelection.Builder>();
    for (int fold = 0; fold < folds; fold++) {
      held.add(new RowSelection.Builder(table.rows()));
    }
    for (int row : order) {
      held.get(next[labels[row]]++ % folds).add(row);
    }
    return held.stream()
        .map(
            rows ->
                new StratifiedSplit(
                    new SelectedTable(table, rows.others()),
                    new SelectedTable(table, rows.chosen())))
        .toList();
  }
}
