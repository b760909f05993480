package io.measureflow.datasets.columns;

import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Columns;
import io.measureflow.api.data.DatasetRequest.TargetKind;
import io.measureflow.api.data.DatasetRequest.Use;
import io.measureflow.api.data.Preprocessing;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.data.SourceColumn;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.datasets.format.Selection;
import io.measureflow.datasets.format.TableFile;
import io.measureflow.datasets.format.TableFile.Column;
import io.measureflow.datasets.format.TableFile.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Assigns the columns of a table to features and labels.
 *
 * @param path the file
 * @param columns all columns of the file
 * @param features the indices of the feature columns, in the order of the features
 * @param labels the indices of the label columns that the file has
 * @param labelled whether labels are read
 * @param real whether the labels are known to be real numbers, whatever their values
 */
public record TablePlan(
    Path path,
    List<Column> columns,
    List<Integer> features,
    List<Integer> labels,
    boolean labelled,
    boolean real) {

  /** How many columns a message names. */
  private static final int MOST_NAMED = 8;

  /** The plan for the training rows, or the only ones. */
  public static TablePlan of(TableFile file, DatasetRequest request) {
    return of(
        file,
        request,
        request.columns().labels(),
        request.preprocessing().map(Preprocessing::features).orElse(List.of()),
        "the data that the model was trained on");
  }

  /**
   * The plan for rows of another file with the same columns, which are found by their names where
   * both files name them.
   */
  public TablePlan like(TableFile file, DatasetRequest request) {
    boolean byName = file.named() && !isNumbered(featureNames());
    return of(
        file,
        request,
        byName ? labelNames() : request.columns().labels(),
        featureNames(),
        path.toString());
  }

  private static TablePlan of(
      TableFile file,
      DatasetRequest request,
      List<String> asked,
      List<String> wanted,
      String model) {
    List<Column> columns = file.columns();
    checkNames(file.path(), columns);
    boolean labelled = request.use() != Use.PREDICT;
    List<Integer> labels = labels(file, asked, labelled);
    boolean real = false;
    if (labelled) {
      real = isReal(file.path(), columns, labels, request);
    }
    List<Integer> features = features(file, labels, wanted, model);
    if (features.isEmpty()) {
      throw InvalidRequestException.of(
          file.path().toString(),
          "at least one numeric column besides the label column",
          columns.size() == 1
              ? "one column, \"" + columns.getFirst().name() + "\""
              : "none among the "
                  + columns.size()
                  + " columns, of the types "
                  + columns.stream()
                      .map(Column::type)
                      .distinct()
                      .limit(MOST_NAMED)
                      .collect(Collectors.joining(", ")),
          "Check how cells are separated (--separator) and numbers are written.");
    }
    return new TablePlan(file.path(), columns, features, labels, labelled, real);
  }

  /**
   * Plans to read all columns of known type as features, including the labels, if the file has any.
   */
  public static TablePlan toConvert(TableFile file, Columns asked) {
    List<Column> columns = file.columns();
    checkNames(file.path(), columns);
    List<Integer> all =
        IntStream.range(0, columns.size())
            .filter(i -> columns.get(i).values().isPresent() && columns.get(i).aside().isEmpty())
            .boxed()
            .toList();
    return new TablePlan(
        file.path(),
        columns,
        all,
        labels(file, asked.labels(), false),
        /* labelled= */ false,
        false);
  }

  private static void checkNames(Path path, List<Column> columns) {
    var seen = new HashSet<String>();
    for (Column column : columns) {
      if (!seen.add(column.name())) {
        throw InvalidRequestException.of(
            path.toString(),
            "a different name for each column",
            "\"" + column.name() + "\" twice",
            "Rename one of the columns.");
      }
    }
  }

  private static List<Integer> labels(TableFile file, List<String> asked, boolean required) {
    List<String> names = file.columns().stream().map(Column::name).toList();
    var labels = new ArrayList<Integer>();
    for (String label : asked) {
      int index = names.indexOf(label);
      if (index < 0 && label.matches("-?[0-9]{1,9}")) {
        int number = Integer.parseInt(label);
        index = label.startsWith("-") ? names.size() + number : number;
      }
      if (index >= 0 && index < names.size()) {
        if (labels.contains(index)) {
          throw InvalidRequestException.of(
              file.path().toString(),
              "different label columns",
              "column \"" + names.get(index) + "\" twice",
              "Name each column once with --label.");
        }
        labels.add(index);
      } else if (required) {
        throw InvalidRequestException.of(
            file.path().toString(),
            "a label column \"" + label + "\"",
            "the columns "
                + names.stream().limit(20).collect(Collectors.joining(", "))
                + (names.size() > 20 ? ", ... (" + names.size() + ")" : "")
                + (file.named() ? "" : ", numbered, for the file has no header"),
            "Name the label column with --label, or give its index (-1: the last).");
      }
    }
    return labels;
  }

  private static boolean isReal(
      Path path, List<Column> columns, List<Integer> labels, DatasetRequest request) {
    Optional<TargetKind> asked = request.columns().target();
    boolean many = labels.size() > 1;
    if (many && asked.equals(Optional.of(TargetKind.CLASSES))) {
      throw InvalidRequestException.of(
          path.toString(),
          "one label column for classes",
          labels.size() + " of them",
          "Several columns can be predicted together as real numbers only.");
    }
    boolean known =
        request
            .preprocessing()
            .map(earlier -> earlier.target() instanceof Target.Real)
            .orElse(false);
    boolean real = known || many || asked.equals(Optional.of(TargetKind.REAL));
    for (int label : labels) {
      Column column = columns.get(label);
      boolean fits = real ? column.kind().isNumeric() : column.kind() != Kind.OTHER;
      if (!fits) {
        throw InvalidRequestException.of(
            path + ", column \"" + column.name() + "\"",
            real ? "labels that are numbers" : "labels that are numbers, texts or truth values",
            column.type(),
            "Convert the column, or name another with --label.");
      }
    }
    return real
        || (asked.isEmpty()
            && request.preprocessing().isEmpty()
            && columns.get(labels.getFirst()).kind() == Kind.REAL);
  }

  /**
   * Chooses the features: all numeric columns except the labels; or, if the model was trained on
   * named columns and the file has column names, those of the model.
   */
  private static List<Integer> features(
      TableFile file, List<Integer> labels, List<String> wanted, String model) {
    List<Column> columns = file.columns();
    var features = new ArrayList<Integer>();
    if (wanted.isEmpty() || !file.named() || isNumbered(wanted)) {
      for (int i = 0; i < columns.size(); i++) {
        Column column = columns.get(i);
        if (column.kind().isNumeric() && column.aside().isEmpty() && !labels.contains(i)) {
          features.add(i);
        }
      }
      return features;
    }
    Map<String, Integer> places = new HashMap<>();
    for (int i = 0; i < columns.size(); i++) {
      places.put(columns.get(i).name(), i);
    }
    for (String name : wanted) {
      int index = places.getOrDefault(name, -1);
      if (index < 0 || !columns.get(index).kind().isNumeric()) {
        throw InvalidRequestException.of(
            file.path().toString(),
            "a numeric column \"" + name + "\", as in " + model,
            index < 0
                ? "the columns "
                    + columns.stream().map(Column::name).limit(20).collect(Collectors.joining(", "))
                : columns.get(index).type() + " in it",
            "Give the file these columns: "
                + wanted.stream().limit(20).collect(Collectors.joining(", "))
                + (wanted.size() > 20 ? ", ..." : "")
                + ".");
      }
      features.add(index);
    }
    return features;
  }

  /** Returns whether the names are only indices, which say nothing about another file. */
  private static boolean isNumbered(List<String> names) {
    return names.stream().allMatch(name -> name.matches("[0-9]{1,9}"));
  }

  public List<String> featureNames() {
    return features.stream().map(column -> columns.get(column).name()).toList();
  }

  public List<String> labelNames() {
    return labels.stream().map(column -> columns.get(column).name()).toList();
  }

  /** What is left out, in one line; empty if all is read. */
  public Optional<String> leftOut() {
    List<SourceColumn> columns =
        sourceColumns().stream()
            .filter(column -> column.role() == SourceColumn.Role.LEFT_OUT)
            .toList();
    if (columns.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        "columns left out: "
            + columns.stream()
                .limit(MOST_NAMED)
                .map(column -> column.name() + " (" + column.type() + ")")
                .collect(Collectors.joining(", "))
            + (columns.size() > MOST_NAMED ? ", ... (" + columns.size() + " columns)" : ""));
  }

  /** All columns, with what became of them. */
  public List<SourceColumn> sourceColumns() {
    var featured = new HashSet<>(features);
    return IntStream.range(0, columns.size())
        .mapToObj(
            i ->
                new SourceColumn(
                    columns.get(i).name(),
                    featured.contains(i) || labels.contains(i)
                        ? columns.get(i).type()
                        : columns.get(i).aside().orElse(columns.get(i).type()),
                    featured.contains(i)
                        ? SourceColumn.Role.FEATURE
                        : labelled && labels.contains(i)
                            ? SourceColumn.Role.LABEL
                            : SourceColumn.Role.LEFT_OUT))
        .toList();
  }

  /** Returns a copy without the features, to read only the labels. */
  public TablePlan labelsAlone() {
    return new TablePlan(path, columns, List.of(), labels, labelled, real);
  }

  /** Returns the columns that are read. */
  public Selection selection() {
    var wanted = new HashSet<>(features);
    if (labelled) {
      wanted.addAll(labels);
    }
    return new Selection(wanted, new HashSet<>(labels));
  }
}
