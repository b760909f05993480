package io.measureflow.config;

import io.measureflow.api.backend.Precision;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.model.Loss;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The section {@code dataset}: which data to load.
 *
 * @param name the name of a dataset or of a format
 * @param data its folder or file; empty for built-in data
 * @param test the file of the test rows
 * @param columns how the columns of a table are understood
 * @param scaling how features are scaled; empty: the loader's own choice
 * @param targetScaling how real targets are scaled; empty: as features
 * @param split which rows are held out as test rows
 * @param storage where to keep the rows
 */
public record DatasetConfig(
    String name,
    Optional<Path> data,
    Optional<Path> test,
    DatasetRequest.Columns columns,
    Optional<DatasetRequest.Scaling> scaling,
    Optional<DatasetRequest.Scaling> targetScaling,
    DatasetRequest.Split split,
    DatasetRequest.Storage storage) {

  private static final String AUTO = "auto";
  private static final String TAB = "tab";
  private static final String SPACE = "space";

  static DatasetConfig read(ConfigReader reader) {
    List<String> labels = reader.texts("dataset.label");
    if (labels.isEmpty() || labels.contains("")) {
      throw reader.wrong(
          "dataset.label", "the name or the index of at least one column", "Name one.");
    }
    return new DatasetConfig(
        reader.text("dataset.name"),
        reader.path("dataset.data"),
        reader.path("dataset.test"),
        new DatasetRequest.Columns(
            labels,
            separator(reader),
            reader.choice("dataset.header", DatasetRequest.Header.class),
            reader.choice("dataset.missing", DatasetRequest.Missing.class),
            reader.choiceOrAuto("dataset.target", DatasetRequest.TargetKind.class),
            reader.integer("dataset.most-categories", 0),
            reader.texts("dataset.categories"),
            reader.choice("dataset.dates", DatasetRequest.Dates.class)),
        reader.choiceOrAuto("dataset.scaling", DatasetRequest.Scaling.class),
        targetScaling(reader),
        new DatasetRequest.Split(reader.number("dataset.split", 0, 1), reader.wholeNumber("seed")),
        new DatasetRequest.Storage(
            reader.choice("dataset.storage", DatasetRequest.Storage.Kind.class),
            reader.path("dataset.cache"),
            reader.integerOrAuto("dataset.shuffle-window", 1)));
  }

  private static Optional<Character> separator(ConfigReader reader) {
    String text = reader.text("dataset.separator");
    if (text.equalsIgnoreCase(AUTO)) {
      return Optional.empty();
    }
    return switch (text) {
      case TAB, "\\t" -> Optional.of('\t');
      case SPACE -> Optional.of(' ');
      case String one
          when one.length() == 1 && !Character.isLetterOrDigit(one.charAt(0)) && isSign(one) ->
          Optional.of(one.charAt(0));
      default ->
          throw reader.wrong(
              "dataset.separator",
              "auto, tab, space, or one character such as , ; |",
              "Name the character between the cells.");
    };
  }

  /** Whether a character may stand between cells. */
  private static boolean isSign(String one) {
    return "\"\n\r+-.".indexOf(one.charAt(0)) < 0;
  }

  private static String separator(char separator) {
    return switch (separator) {
      case '\t' -> TAB;
      case ' ' -> SPACE;
      default -> String.valueOf(separator);
    };
  }

  private static Optional<DatasetRequest.Scaling> targetScaling(ConfigReader reader) {
    return switch (reader.oneOf(
        "dataset.target-scaling", List.of(ConfigReader.AUTO, "none", "standardise"))) {
      case "none" -> Optional.of(DatasetRequest.Scaling.NONE);
      case "standardise" -> Optional.of(DatasetRequest.Scaling.STANDARDISE);
      default -> Optional.empty();
    };
  }

  void write(ConfigWriter writer) {
    writer.put("dataset.name", name);
    writer.putPath("dataset.data", data, "");
    writer.putPath("dataset.test", test, "");
    writer.put("dataset.label", columns.labels());
    writer.put("dataset.separator", columns.separator().map(DatasetConfig::separator).orElse(AUTO));
    writer.putKey("dataset.header", columns.header());
    writer.putKey("dataset.missing", columns.missing());
    writer.putKeyOrAuto("dataset.target", columns.target());
    writer.put("dataset.most-categories", columns.mostCategories());
    writer.put("dataset.categories", columns.categories());
    writer.putKey("dataset.dates", columns.dates());
    writer.putKeyOrAuto("dataset.scaling", scaling);
    writer.putKeyOrAuto("dataset.target-scaling", targetScaling);
    writer.put("dataset.split", split.test());
    writer.putKey("dataset.storage", storage.kind());
    writer.putPath("dataset.cache", storage.folder(), ConfigWriter.AUTO);
    writer.putOrAuto("dataset.shuffle-window", storage.window());
  }

  /** Returns the name of the data for a title: that of a file, else of the dataset. */
  public String title() {
    return data.filter(Files::isRegularFile)
        .map(file -> String.valueOf(file.getFileName()))
        .orElse(name);
  }

  /** Returns a copy with absolute paths. */
  DatasetConfig absolute() {
    return new DatasetConfig(
        name,
        data.map(DatasetConfig::absolute),
        test.map(DatasetConfig::absolute),
        columns,
        scaling,
        targetScaling,
        split,
        new DatasetRequest.Storage(
            storage.kind(), storage.folder().map(DatasetConfig::absolute), storage.window()));
  }

  private static Path absolute(Path path) {
    return path.toAbsolutePath().normalize();
  }

  /** Returns a copy for another dataset or format. */
  public DatasetConfig named(String other) {
    return new DatasetConfig(other, data, test, columns, scaling, targetScaling, split, storage);
  }

  /**
   * Returns a copy for targets that suit a loss, where it is left open how they are read and
   * scaled.
   */
  DatasetConfig suitedTo(Loss loss) {
    boolean real = columns.target().isEmpty() && loss.target() == DatasetRequest.TargetKind.REAL;
    boolean ownUnits = targetScaling.isEmpty() && loss.targetRange().isPresent();
    return new DatasetConfig(
        name,
        data,
        test,
        real ? columns.withTarget(DatasetRequest.TargetKind.REAL) : columns,
        scaling,
        ownUnits ? Optional.of(DatasetRequest.Scaling.NONE) : targetScaling,
        split,
        storage);
  }

  /** Returns the request to a loader. */
  public DatasetRequest request(Precision precision, DatasetRequest.Use use) {
    return new DatasetRequest(
        name,
        data,
        test,
        columns,
        scaling,
        targetScaling,
        split,
        storage,
        precision,
        use,
        Optional.empty());
  }
}
