package io.measureflow.datasets.columns;

import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Columns;
import io.measureflow.api.data.DatasetRequest.Dates;
import io.measureflow.api.data.Encoding.Category;
import io.measureflow.api.data.Preprocessing;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.datasets.format.TableFile;
import io.measureflow.datasets.format.TableFile.Column;
import io.measureflow.datasets.format.TableFile.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Which columns of a table become features, and how.
 *
 * @param columns all columns; those that are left out say why
 * @param inputs those that become features, in the order of the features
 * @param remedy the options that would take what is left out; empty where none would
 */
record FeatureColumns(List<Column> columns, List<Input> inputs, Optional<String> remedy) {

  /** A column of so many rows, most of which have a value of their own, holds names. */
  static final int LEAST_ROWS_OF_NAMES = 20;

  /** The largest number of values of a column that is named as one of categories. */
  static final int MOST_VALUES = 1 << 16;

  private static final int SHOWN = 20;

  /** A column that a model, or the training rows, have. */
  record Wanted(String name, Input input) {}

  /** The columns of the rows that a model was trained on; empty where they have no names. */
  static List<Wanted> wanted(Preprocessing model) {
    var wanted = new ArrayList<Wanted>();
    var dates = new HashSet<>(model.encoding().dates());
    Map<Integer, Category> categories =
        model.encoding().categories().stream()
            .collect(Collectors.toMap(Category::first, category -> category));
    for (int j = 0; j < model.features().size(); ) {
      Category category = categories.get(j);
      if (category != null) {
        wanted.add(new Wanted(category.column(), new Input.Categories(0, category.values())));
        j = category.end();
      } else {
        String name = model.features().get(j);
        wanted.add(
            new Wanted(name, dates.contains(name) ? new Input.Dates(0) : new Input.Numbers(0)));
        j++;
      }
    }
    return wanted;
  }

  /** Takes the columns of numbers and truth values alone. */
  static FeatureColumns numeric(TableFile file, List<Integer> labels) {
    List<Column> columns = file.columns();
    List<Input> inputs =
        IntStream.range(0, columns.size())
            .filter(i -> !labels.contains(i))
            .filter(i -> columns.get(i).kind().isNumeric() && columns.get(i).aside().isEmpty())
            .<Input>mapToObj(Input.Numbers::new)
            .toList();
    return new FeatureColumns(columns, inputs, Optional.empty());
  }

  /**
   * Chooses among the columns of training rows. Reads those of text, to know their values.
   *
   * @throws InvalidRequestException if a column that is named as one of categories is not there,
   *     cannot be one, or has too many values
   */
  static FeatureColumns chosen(TableFile file, DatasetRequest request, List<Integer> labels) {
    Columns asked = request.columns();
    var columns = new ArrayList<>(file.columns());
    Set<Integer> named = named(file, asked.categories(), labels);
    var limits = new TreeMap<Integer, Integer>();
    boolean reads = asked.mostCategories() > 0 || asked.dates() == Dates.NUMBER;
    for (int i = 0; i < columns.size(); i++) {
      if (named.contains(i)) {
        limits.put(i, MOST_VALUES);
      } else if (reads
          && columns.get(i).kind() == Kind.TEXT
          && columns.get(i).aside().isEmpty()
          && !labels.contains(i)) {
        limits.put(i, asked.mostCategories());
      }
    }
    Map<Integer, ColumnScan> scans = ColumnScan.of(file, limits, labels);
    boolean fills = asked.missing().fills();
    var inputs = new ArrayList<Input>();
    boolean text = false;
    boolean limited = false;
    boolean dates = false;
    for (int i = 0; i < columns.size(); i++) {
      Column column = columns.get(i);
      ColumnScan scan = scans.get(i);
      if (labels.contains(i) || (column.aside().isPresent() && !named.contains(i))) {
        continue;
      }
      if (named.contains(i) && scan != null) {
        inputs.add(category(file, column, i, scan, fills));
      } else if (column.kind().isNumeric()) {
        inputs.add(new Input.Numbers(i));
      } else if (column.kind() == Kind.DATE || (scan != null && scan.areDates())) {
        if (asked.dates() == Dates.NUMBER) {
          inputs.add(new Input.Dates(i));
        } else {
          dates = true;
          columns.set(i, column.setAside(column.kind() == Kind.DATE ? column.type() : "dates"));
        }
      } else if (column.kind() == Kind.TEXT) {
        if (scan != null && scan.isEmpty()) {
          columns.set(i, column.setAside("without any value"));
        } else if (scan == null
            || scan.hasTooMany()
            || scan.isNearlyUnique(LEAST_ROWS_OF_NAMES)
            || asked.mostCategories() == 0) {
          text = true;
          limited |= scan == null || scan.hasTooMany() || asked.mostCategories() == 0;
          columns.set(i, column.setAside(scan == null ? column.type() : "text, " + scan.count()));
        } else {
          inputs.add(new Input.Categories(i, scan.values(fills)));
        }
      }
    }
    var remedies = new ArrayList<String>();
    if (text) {
      remedies.add(
          "--categories names columns of text to take"
              + (!limited
                  ? ""
                  : asked.mostCategories() == 0
                      ? ", --most-categories N takes those of up to N values"
                      : ", --most-categories ("
                          + asked.mostCategories()
                          + ") limits their values"));
    }
    if (dates) {
      remedies.add("--dates number takes dates");
    }
    return new FeatureColumns(
        columns,
        inputs,
        remedies.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", remedies)));
  }

  private static Input category(
      TableFile file, Column column, int index, ColumnScan scan, boolean fills) {
    if (scan.hasTooMany()) {
      throw InvalidRequestException.of(
          file.path() + ", column \"" + column.name() + "\" of categories",
          "at most " + MOST_VALUES + " different values, of at most 1000 characters",
          scan.count(),
          "Leave it out of --categories.");
    }
    List<String> values = scan.values(fills);
    if (values.isEmpty()) {
      throw InvalidRequestException.of(
          file.path() + ", column \"" + column.name() + "\" of categories",
          "at least one value",
          "none",
          "Leave it out of --categories.");
    }
    return new Input.Categories(index, values);
  }

  private static Set<Integer> named(TableFile file, List<String> names, List<Integer> labels) {
    var named = new HashSet<Integer>();
    for (String name : names) {
      int index =
          IntStream.range(0, file.columns().size())
              .filter(i -> file.columns().get(i).name().equals(name))
              .findFirst()
              .orElse(-1);
      if (index < 0 || labels.contains(index)) {
        throw InvalidRequestException.of(
            file.path().toString(),
            "a column \"" + name + "\" of categories",
            index < 0 ? found(file) : "that it is the label",
            "Correct --categories.");
      }
      if (!file.columns().get(index).kind().isCategorical()) {
        throw InvalidRequestException.of(
            file.path() + ", column \"" + name + "\" of categories",
            "text, numbers or truth values",
            file.columns().get(index).type(),
            "Leave it out of --categories.");
      }
      named.add(index);
    }
    return named;
  }

  private static String found(TableFile file) {
    return "the columns "
        + file.columns().stream().map(Column::name).limit(SHOWN).collect(Collectors.joining(", "))
        + (file.columns().size() > SHOWN ? ", ..." : "");
  }

  /**
   * Finds the columns of a model, or of training rows: by name where both name their columns;
   * otherwise all columns of numbers, or, if there are categories or dates, by number.
   *
   * @param model what has these columns, for messages
   * @throws InvalidRequestException if one is not there, or is of another kind
   */
  static FeatureColumns found(
      TableFile file, List<Integer> labels, List<Wanted> wanted, String model) {
    List<String> names = wanted.stream().map(Wanted::name).toList();
    boolean byName = file.named() && !isNumbered(names);
    if (wanted.isEmpty()
        || (!byName && wanted.stream().allMatch(one -> one.input() instanceof Input.Numbers))) {
      return numeric(file, labels);
    }
    List<Column> columns = file.columns();
    Map<String, Integer> places = new HashMap<>();
    for (int i = 0; i < columns.size(); i++) {
      places.put(byName ? columns.get(i).name() : String.valueOf(i), i);
    }
    var inputs = new ArrayList<Input>();
    for (Wanted one : wanted) {
      int index = places.getOrDefault(one.name(), -1);
      if (index < 0 || !one.input().suits(columns.get(index))) {
        throw InvalidRequestException.of(
            file.path().toString(),
            one.input().expected() + " \"" + one.name() + "\", as in " + model,
            index < 0 ? found(file) : columns.get(index).type() + " in it",
            "Give the file these columns: "
                + names.stream().limit(SHOWN).collect(Collectors.joining(", "))
                + (names.size() > SHOWN ? ", ..." : "")
                + ".");
      }
      inputs.add(one.input().at(index));
    }
    return new FeatureColumns(columns, inputs, Optional.empty());
  }

  /** Returns whether the names are only indices, which say nothing about another file. */
  static boolean isNumbered(List<String> names) {
    return names.stream().allMatch(name -> name.matches("[0-9]{1,9}"));
  }
}
