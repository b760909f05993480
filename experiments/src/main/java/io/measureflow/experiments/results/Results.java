package io.measureflow.experiments.results;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/**
 * The results of runs: a table of texts with one or more rows per run, as in the file.
 *
 * @param rows the rows
 */
public record Results(List<Row> rows) {

  /** Copies the list. */
  public Results {
    rows = List.copyOf(rows);
  }

  /**
   * A row: what was measured at one moment of a run.
   *
   * @param cells the cells that are not empty, by column
   */
  public record Row(Map<String, String> cells) {

    /** Copies the map. */
    public Row {
      cells = Collections.unmodifiableMap(new LinkedHashMap<>(cells));
    }

    /** Returns the text of a cell, empty if there is none. */
    public String text(String column) {
      return cells.getOrDefault(column, "");
    }

    /** Returns the number in a cell, NaN if there is none. */
    public double number(String column) {
      String text = text(column);
      return text.isEmpty() ? Double.NaN : Double.parseDouble(text);
    }

    /** Returns the integer in a cell, 0 if there is none. */
    public int integer(String column) {
      return (int) number(column);
    }

    /**
     * Returns the run that the row belongs to.
     *
     * @param settings the columns that hold settings
     */
    public Run run(List<String> settings) {
      var own = new LinkedHashMap<String, String>();
      settings.forEach(name -> own.put(name, text(name)));
      return new Run(own, Long.parseLong(text(Run.SEED)));
    }
  }

  /** Returns the rows with a given value in a column. */
  public Results where(String column, Object value) {
    String text = Run.text(value);
    return new Results(rows.stream().filter(row -> row.text(column).equals(text)).toList());
  }

  /**
   * Returns the rows of some runs.
   *
   * @param settings the columns that hold settings
   */
  public Results of(Iterable<Run> runs, List<String> settings) {
    var wanted = new LinkedHashSet<String>();
    runs.forEach(run -> wanted.add(run.key()));
    return new Results(
        rows.stream().filter(row -> wanted.contains(row.run(settings).key())).toList());
  }

  /** Returns the distinct texts of a column in order of appearance, without the empty one. */
  public List<String> distinct(String column) {
    return rows.stream().map(row -> row.text(column)).filter(t -> !t.isEmpty()).distinct().toList();
  }

  /** Returns the numbers in a column, NaN for an empty cell. */
  public double[] numbers(String column) {
    return rows.stream().mapToDouble(row -> row.number(column)).toArray();
  }

  /** Returns the mean and the standard deviation of a column. */
  public Sample sample(String column) {
    return Sample.of(numbers(column));
  }

  /**
   * Groups the rows by the number in a column, in ascending order; rows without a number are left
   * out.
   */
  public SequencedMap<Double, Results> by(String column) {
    var parts = new LinkedHashMap<Double, List<Row>>();
    rows.stream()
        .filter(row -> !row.text(column).isEmpty())
        .sorted((a, b) -> Double.compare(a.number(column), b.number(column)))
        .forEach(row -> parts.computeIfAbsent(row.number(column), v -> new ArrayList<>()).add(row));
    var results = new LinkedHashMap<Double, Results>();
    parts.forEach((value, part) -> results.put(value, new Results(part)));
    return results;
  }

  /**
   * Returns the keys of the runs that have rows here.
   *
   * @param settings the columns that hold settings
   */
  public Set<String> keys(List<String> settings) {
    var keys = new LinkedHashSet<String>();
    rows.forEach(row -> keys.add(row.run(settings).key()));
    return keys;
  }
}
