package io.measureflow.cli.data;

import io.measureflow.api.backend.Precision;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetProvider;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.Encoding.Category;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.SourceColumn;
import io.measureflow.api.data.Table;
import io.measureflow.cli.command.Candidates;
import io.measureflow.cli.command.Command;
import io.measureflow.cli.command.Setting;
import io.measureflow.cli.command.Wiring;
import io.measureflow.cli.terminal.Text;
import io.measureflow.config.RunConfig;
import io.measureflow.core.data.ClassBalance;
import io.measureflow.core.data.FeatureStatistics;
import io.measureflow.core.data.PreparedDataset;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code measureflow datasets describe}. */
final class DescribeDatasetCommand implements Command {

  private static final int SHOWN_FEATURES = 8;
  private static final String SHEET = "--contact-sheet";

  private static final String ALL = "all features";
  private static final int LEAST_NAME = 12;
  private static final int LEAST_TYPE = 6;

  /** More features than these are summarized. */
  private static final int MOST_LISTED = 32;

  @Override
  public String name() {
    return "describe";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.usageMessage()
        .description(
            "Loads a dataset and prints its rows, features, classes and statistics.",
            "",
            "  measureflow datasets describe mnist --data DIR --contact-sheet mnist.png",
            "  measureflow datasets describe csv --data FILE --label COLUMN");
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("NAME")
            .type(String.class)
            .arity("1")
            .required(true)
            .index("0")
            .completionCandidates(Candidates.datasets())
            .description("The dataset or format to describe.")
            .build());
    spec.addOption(
        Setting.option(
                SHEET,
                "FILE.png",
                "For images: draw the first training images of each class into this file.")
            .build());
    Setting.addGroup(
        spec,
        "Data:",
        1,
        Setting.DATA.stream().filter(setting -> !setting.option().equals("--dataset")).toList());
  }

  @Override
  public int run(ParseResult arguments) {
    String name = arguments.matchedPositionalValue(0, "");
    RunConfig config = Setting.configuration(arguments);
    Wiring wiring = Wiring.of(config);
    DatasetRequest asked =
        // A column of dates in seconds has the same float32 number for all of a day.
        config.dataset().named(name).request(Precision.FLOAT64, DatasetRequest.Use.EVALUATE);
    // Missing values are what one looks for here: they are counted, and none is refused.
    DatasetRequest request =
        asked.columns().missing() == DatasetRequest.Missing.REFUSE
            ? asked.withColumns(asked.columns().withMissing(DatasetRequest.Missing.MEAN))
            : asked;
    Optional<Path> sheet = Setting.given(arguments, SHEET).map(Path::of);
    DatasetProvider.Description description = wiring.datasets().description(name);
    // The values as the loader yields them: missing ones are visible, and none is standardised.
    Dataset source = wiring.loadUnprepared(request);
    try (Dataset dataset = PreparedDataset.load(request, same -> source)) {
      sheet.ifPresent(file -> ContactSheet.write(source, file));
      describe(dataset, description);
      line("storage", request.storage().kind().name().toLowerCase(Locale.ROOT));
      line("scaling", dataset.preprocessing().scaling().name().toLowerCase(Locale.ROOT));
      statistics(source);
      sheet.ifPresent(file -> line("images", file.toString()));
    }
    return 0;
  }

  private static void describe(Dataset dataset, DatasetProvider.Description description) {
    Schema schema = dataset.schema();
    System.out.println(description.name() + ": " + description.summary());
    line(
        "rows",
        Text.count(dataset.train().rows())
            + dataset
                .test()
                .map(test -> " training, " + Text.count(test.rows()) + " test")
                .orElse(""));
    line("features", features(schema));
    switch (schema.target()) {
      case Schema.Target.Classes classes -> {
        line("target", classes.names().size() + " classes");
        histogram("training rows by class", dataset.train(), classes);
        dataset.test().ifPresent(test -> histogram("test rows by class", test, classes));
      }
      case Schema.Target.Real(List<String> names) -> line("target", String.join(", ", names));
      case Schema.Target.None none -> line("target", "none");
    }
    line("fingerprint", dataset.fingerprint());
  }

  private static void statistics(Dataset source) {
    int width = source.schema().featureCount();
    var statistics = FeatureStatistics.of(source.train(), width);
    System.out.println("  training rows before filling and standardising");
    Map<String, String> types = new HashMap<>();
    source.columns().forEach(column -> types.put(column.name(), column.type()));
    for (Category category : source.schema().encoding().categories()) {
      category.features().forEach(feature -> types.put(feature, "category"));
    }
    List<String> names = width > MOST_LISTED ? List.of(ALL) : source.schema().features();
    int nameWidth = width(names, LEAST_NAME);
    int typeWidth =
        width(names.stream().map(name -> types.getOrDefault(name, "")).toList(), LEAST_TYPE);
    String row = "    %-" + nameWidth + "s %-" + typeWidth + "s";
    row(row, "", "type", "missing", "min", "max", "mean", "std");
    if (width > MOST_LISTED) {
      row(row, ALL, "", statistics.overall());
    } else {
      for (int j = 0; j < width; j++) {
        String name = names.isEmpty() ? String.valueOf(j) : names.get(j);
        row(row, name, types.getOrDefault(name, ""), statistics.summary(j));
      }
    }
    for (SourceColumn column : source.columns()) {
      switch (column.role()) {
        case FEATURE -> {}
        case LABEL -> line("label", column.name() + " (" + column.type() + ")");
        case LEFT_OUT -> line("left out", column.name() + " (" + column.type() + ")");
      }
    }
  }

  /** The room for texts of a column. */
  private static int width(List<String> texts, int least) {
    return Math.max(least, texts.stream().mapToInt(String::length).max().orElse(0));
  }

  private static void row(
      String format, String name, String type, FeatureStatistics.Summary summary) {
    row(
        format,
        name,
        type,
        Text.count((double) summary.missing()),
        number(summary.least()),
        number(summary.most()),
        number(summary.mean()),
        number(summary.deviation()));
  }

  private static void row(String format, String name, String type, String... cells) {
    var text = new StringBuilder(String.format(Locale.ROOT, format, name, type));
    for (String cell : cells) {
      text.append(String.format(Locale.ROOT, " %12s", cell));
    }
    System.out.println(text.toString().stripTrailing());
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.6g", value);
  }

  private static String features(Schema schema) {
    if (schema.image().isPresent()) {
      Schema.ImageShape image = schema.image().get();
      return schema.featureCount()
          + " pixels ("
          + image.channels()
          + " x "
          + image.height()
          + " x "
          + image.width()
          + ")";
    }
    List<String> names = schema.features();
    return schema.featureCount()
        + " ("
        + String.join(", ", names.subList(0, Math.min(SHOWN_FEATURES, names.size())))
        + (names.size() > SHOWN_FEATURES ? ", ..." : "")
        + ")";
  }

  private static void histogram(String title, Table table, Schema.Target.Classes classes) {
    ClassBalance balance = ClassBalance.of(table, classes);
    System.out.println("  " + title);
    for (int i = 0; i < balance.rows().size(); i++) {
      long rows = balance.rows().get(i);
      System.out.print(
          String.format(
              Locale.ROOT,
              "    %-16s %8s  %s%n",
              balance.names().get(i),
              Text.count((double) rows),
              "#".repeat((int) (30 * rows / Math.max(1, balance.most())))));
    }
  }

  private static void line(String name, String value) {
    System.out.print(String.format(Locale.ROOT, "  %-12s %s%n", name, value));
  }
}
