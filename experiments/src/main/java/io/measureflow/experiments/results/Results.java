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
 * The results of runs: a table of texts, one or several rows for each run, as they lie in the file.
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
   * @param cells the cells that are not empty, by their columns
   */
  public record Row(Map<String, String> cells) {

    /** Copies the map. */
    public Row {
      cells = Collections.unmodifiableMap(new LinkedHashMap<>(cells));
    }

    /** The text of a cell, empty where there is none. */
    public String text(String column) {
      return cells.getOrDefault(column, "");
    }

    /** The number in a cell, NaN where there is none. */
    public double number(String column) {
      String text = text(column);
      return text.isEmpty() ? Double.NaN : Double.parseDouble(text);
    }

    /** The whole number in a cell. */
    public int integer(String column) {
      return (int) number(column);
    }

    /** The run that it belongs to. */
    public Run run(List<String> settings) {
      var own = new LinkedHashMap<String, String>();
      settings.forEach(name -> own.put(name, text(name)));
      return new Run(own, Long.parseLong(text(Run.SEED)));
    }
  }

  /** The rows whose cell of this column is this value. */
  public Results where(String column, Object value) {
    String text = Run.text(value);
    return new Results(rows.stream().filter(row -> row.text(column).equals(text)).toList());
  }

  /** The rows of certain runs. */
  public Results of(Iterable<Run> runs, List<String> settings) {
    var wanted = new LinkedHashSet<String>();
    runs.forEach(run -> wanted.add(run.key()));
    return new Results(
        rows.stream().filter(row -> wanted.contains(row.run(settings).key())).toList());
  }

  /** The different texts of a column, in their order. */
  public List<String> distinct(String column) {
    return rows.stream().map(row -> row.text(column)).filter(t -> !t.isEmpty()).distinct().toList();
  }

  /** The numbers of a column. */
  public double[] numbers(String column) {
    return rows.stream().mapToDouble(row -> row.number(column)).toArray();
  }

  /** Mean and deviation of a column. */
  public Sample sample(String column) {
    return Sample.of(numbers(column));
  }

  /** For each value of one column, as a number and in its order, the rows that have it. */
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

  /** The keys of the runs that have rows here. */
  public Set<String> keys(List<String> settings) {
    var keys = new LinkedHashSet<String>();
    rows.forEach(row -> keys.add(row.run(settings).key()));
    return keys;
  }
}
