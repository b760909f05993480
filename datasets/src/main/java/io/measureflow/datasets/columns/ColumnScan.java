package io.measureflow.datasets.columns;

import io.measureflow.api.data.Encoding.Category;
import io.measureflow.api.error.MeasureFlowException;
import io.measureflow.datasets.format.Selection;
import io.measureflow.datasets.format.TableFile;
import io.measureflow.datasets.format.TableFile.Batches;
import io.measureflow.datasets.format.TableFile.Cells;
import io.measureflow.datasets.format.TableFile.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What a column holds, from a pass over its cells in bounded memory. */
final class ColumnScan {

  /** Beyond the values that may become features, so many different ones are counted. */
  private static final int MOST_COUNTED = 1 << 12;

  /** So many of all columns together. */
  private static final int MOST_COUNTED_TOGETHER = 1 << 20;

  /** A longer text is no category. */
  private static final int LONGEST = 1000;

  private final int limit;
  private final boolean plain;
  private final Budget budget;
  private Set<String> values = new HashSet<>();
  private Set<Integer> hashes = Set.of();
  private boolean counting = true;
  private boolean dates = true;
  private boolean tooLong;
  private long rows;
  private long missing;

  /** How many values may still be counted. */
  private static final class Budget {
    private int left = MOST_COUNTED_TOGETHER;
  }

  private ColumnScan(int limit, boolean plain, Budget budget) {
    this.limit = limit;
    this.plain = plain;
    this.budget = budget;
  }

  /**
   * Reads some columns of a file.
   *
   * @param limits the largest number of values to keep, by column
   * @param labels the label columns of the file
   */
  static Map<Integer, ColumnScan> of(
      TableFile file, Map<Integer, Integer> limits, List<Integer> labels) {
    var scans = new TreeMap<Integer, ColumnScan>();
    if (limits.isEmpty()) {
      return scans;
    }
    var budget = new Budget();
    limits.forEach(
        (column, limit) ->
            scans.put(
                column,
                new ColumnScan(limit, file.columns().get(column).kind() != Kind.TEXT, budget)));
    try (Batches batches = file.read(new Selection(limits.keySet(), Set.copyOf(labels)))) {
      while (batches.next()) {
        scans.forEach((column, scan) -> scan.add(batches.cells(column), batches.rows()));
      }
      return scans;
    } catch (MeasureFlowException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw file.malformed(e);
    }
  }

  private void add(Cells cells, int count) {
    for (int row = 0; row < count; row++) {
      if (cells.isMissing(row)) {
        missing++;
        continue;
      }
      rows++;
      if (counting || dates) {
        add(cells.text(row).strip());
      }
    }
  }

  private void add(String text) {
    dates = dates && !Double.isNaN(IsoDate.days(text));
    if (!counting) {
      return;
    }
    if (text.length() > LONGEST) {
      tooLong = true;
      counting = false;
      values = Set.of();
      hashes = Set.of();
      return;
    }
    String value = plain ? CategoryCodes.plain(text) : text;
    if (hashes.isEmpty()) {
      values.add(value);
      if (values.size() > limit) {
        hashes = new HashSet<>();
        values.forEach(each -> hashes.add(each.hashCode()));
        budget.left -= hashes.size();
        values = Set.of();
      }
    } else if (hashes.add(value.hashCode())) {
      budget.left--;
      counting = hashes.size() < MOST_COUNTED && budget.left > 0;
    }
  }

  /** Returns whether there are values, and all of them are dates. */
  boolean areDates() {
    return dates && rows > 0;
  }

  /** Returns whether there are more values than were to be kept, or one that is too long. */
  boolean hasTooMany() {
    return !hashes.isEmpty() || tooLong;
  }

  /** Returns whether no cell has a value. */
  boolean isEmpty() {
    return rows == 0;
  }

  /**
   * Returns whether most rows have a value of their own, as names have.
   *
   * @param least no column of fewer rows is one of names
   */
  boolean isNearlyUnique(int least) {
    return rows >= least && 2L * values.size() > rows;
  }

  /** Returns how many different values there are, in words. */
  String count() {
    if (tooLong) {
      return "texts of more than " + LONGEST + " characters";
    }
    int size = hashes.isEmpty() ? values.size() : hashes.size();
    return (counting ? "" : "more than ")
        + size
        + " different values"
        + (hasTooMany() ? "" : " in " + rows + " rows");
  }

  /**
   * Returns the values, sorted; there are not too many.
   *
   * @param withMissing whether cells without a value have one of their own, where there are such
   */
  List<String> values(boolean withMissing) {
    var sorted = new ArrayList<>(new TreeSet<>(values));
    if (sorted.remove(Category.MISSING) || (withMissing && missing > 0)) {
      sorted.add(Category.MISSING);
    }
    return List.copyOf(sorted);
  }
}
