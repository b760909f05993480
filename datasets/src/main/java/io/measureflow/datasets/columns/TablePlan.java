package io.measureflow.datasets.columns;

import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Columns;
import io.measureflow.api.data.DatasetRequest.TargetKind;
import io.measureflow.api.data.DatasetRequest.Use;
import io.measureflow.api.data.Encoding;
import io.measureflow.api.data.Encoding.Category;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.data.SourceColumn;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.datasets.format.Selection;
import io.measureflow.datasets.format.TableFile;
import io.measureflow.datasets.format.TableFile.Column;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Assigns the columns of a table to features and labels.
 *
 * @param path the file
 * @param columns all columns of the file
 * @param inputs the columns that become features, in the order of the features
 * @param labels the indices of the label columns that the file has
 * @param labelled whether labels are read
 * @param real whether the labels are known to be real numbers, whatever their values
 * @param remedy the options that would take what is left out; empty where none would
 */
public record TablePlan(
    Path path,
    List<Column> columns,
    List<Input> inputs,
    List<Integer> labels,
    boolean labelled,
    boolean real,
    Optional<String> remedy) {

  /** How many columns a message names. */
  private static final int MOST_NAMED = 8;

  /**
   * The plan for the training rows, or the only ones. Reads columns of text, unless a model says
   * what they are.
   */
  public static TablePlan of(TableFile file, DatasetRequest request) {
    return of(
        file,
        request,
        request.columns().labels(),
        labels -> {
          if (request.preprocessing().isPresent()) {
            return FeatureColumns.found(
                file,
                labels,
                FeatureColumns.wanted(request.preprocessing().get()),
                "the data that the model was trained on");
          }
          return request.use() == Use.PREDICT
              ? FeatureColumns.numeric(file, labels)
              : FeatureColumns.chosen(file, request, labels);
        });
  }

  /**
   * The plan for rows of another file with the same columns, which are found by their names where
   * both files name them.
   */
  public TablePlan like(TableFile file, DatasetRequest request) {
    List<FeatureColumns.Wanted> wanted =
        inputs.stream()
            .map(input -> new FeatureColumns.Wanted(columns.get(input.column()).name(), input))
            .toList();
    boolean byName =
        file.named()
            && !FeatureColumns.isNumbered(
                wanted.stream().map(FeatureColumns.Wanted::name).toList());
    return of(
        file,
        request,
        byName ? labelNames() : request.columns().labels(),
        found -> FeatureColumns.found(file, found, wanted, path.toString()));
  }

  private static TablePlan of(
      TableFile file,
      DatasetRequest request,
      List<String> asked,
      Function<List<Integer>, FeatureColumns> choice) {
    checkNames(file.path(), file.columns());
    boolean labelled = request.use() != Use.PREDICT;
    List<Integer> labels = labels(file, asked, labelled);
    boolean real = labelled && isReal(file.path(), file.columns(), labels, request);
    FeatureColumns features = choice.apply(labels);
    List<Column> columns = features.columns();
    if (features.inputs().isEmpty()) {
      throw InvalidRequestException.of(
          file.path().toString(),
          "at least one column of numbers or categories besides the label column",
          none(columns, labels),
          features
                  .remedy()
                  .map(options -> "Choose what to take: " + options + "; or check")
                  .orElse("Check")
              + " how cells are separated (--separator) and numbers are written.");
    }
    return new TablePlan(
        file.path(), columns, features.inputs(), labels, labelled, real, features.remedy());
  }

  private static String none(List<Column> columns, List<Integer> labels) {
    if (columns.size() == 1) {
      return "one column, \"" + columns.getFirst().name() + "\"";
    }
    List<Column> others =
        IntStream.range(0, columns.size())
            .filter(i -> !labels.contains(i))
            .mapToObj(columns::get)
            .toList();
    return "none among "
        + others.stream()
            .limit(MOST_NAMED)
            .map(column -> column.name() + " (" + column.aside().orElse(column.type()) + ")")
            .collect(Collectors.joining(", "))
        + (others.size() > MOST_NAMED ? ", ... (" + others.size() + " columns)" : "");
  }

  /**
   * Plans to read all columns of known type as features, including the labels, if the file has any.
   */
  public static TablePlan toConvert(TableFile file, Columns asked) {
    List<Column> columns = file.columns();
    checkNames(file.path(), columns);
    List<Input> all =
        IntStream.range(0, columns.size())
            .filter(i -> columns.get(i).values().isPresent() && columns.get(i).aside().isEmpty())
            .<Input>mapToObj(Input.Numbers::new)
            .toList();
    return new TablePlan(
        file.path(),
        columns,
        all,
        labels(file, asked.labels(), false),
        /* labelled= */ false,
        false,
        Optional.empty());
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
      boolean fits = real ? column.kind().isNumeric() : column.kind().isCategorical();
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
            && columns.get(labels.getFirst()).kind() == TableFile.Kind.REAL);
  }

  /** Returns the number of features. */
  public int width() {
    return inputs.stream().mapToInt(Input::width).sum();
  }

  /** Returns the names of the features. */
  public List<String> featureNames() {
    return inputs.stream()
        .flatMap(
            input -> {
              String column = columns.get(input.column()).name();
              return input instanceof Input.Categories(int index, List<String> values)
                  ? new Category(column, values, 0).features().stream()
                  : Stream.of(column);
            })
        .toList();
  }

  /** Returns which features are values of a category, or dates. */
  public Encoding encoding() {
    var categories = new ArrayList<Category>();
    var dates = new ArrayList<String>();
    int feature = 0;
    for (Input input : inputs) {
      String column = columns.get(input.column()).name();
      switch (input) {
        case Input.Numbers numbers -> {}
        case Input.Dates date -> dates.add(column);
        case Input.Categories(int index, List<String> values) ->
            categories.add(new Category(column, values, feature));
      }
      feature += input.width();
    }
    return new Encoding(categories, dates);
  }

  public List<String> labelNames() {
    return labels.stream().map(column -> columns.get(column).name()).toList();
  }

  /** What is left out, in one line; empty if all is read. */
  public Optional<String> leftOut() {
    // A label that is not read is no loss to the features.
    List<String> known = labelNames();
    List<SourceColumn> columns =
        sourceColumns().stream()
            .filter(column -> column.role() == SourceColumn.Role.LEFT_OUT)
            .filter(column -> !known.contains(column.name()))
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
            + (columns.size() > MOST_NAMED ? ", ... (" + columns.size() + " columns)" : "")
            + remedy.map(options -> "; " + options).orElse(""));
  }

  /** All columns, with what became of them. */
  public List<SourceColumn> sourceColumns() {
    Set<Integer> featured = featured();
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

  private Set<Integer> featured() {
    return inputs.stream().map(Input::column).collect(Collectors.toSet());
  }

  /** Returns a copy without the features, to read only the labels. */
  public TablePlan labelsAlone() {
    return with(List.of(), labelled);
  }

  /** Returns a copy with the first column of features alone, to count rows. */
  public TablePlan firstInputAlone() {
    return with(inputs.subList(0, 1), false);
  }

  /** Returns a copy with the columns of categories alone, to look for values. */
  public TablePlan categoriesAlone() {
    return with(inputs.stream().filter(input -> input instanceof Input.Categories).toList(), false);
  }

  private TablePlan with(List<Input> others, boolean withLabels) {
    return new TablePlan(path, columns, others, labels, withLabels, withLabels && real, remedy);
  }

  /** Returns the columns that are read. */
  public Selection selection() {
    var wanted = new HashSet<>(featured());
    if (labelled) {
      wanted.addAll(labels);
    }
    return new Selection(wanted, new HashSet<>(labels));
  }
}
