package io.measureflow.cli.data;

import io.measureflow.Converters;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.data.DatasetConverter;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Scaling;
import io.measureflow.api.data.SourceColumn;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.cli.command.Candidates;
import io.measureflow.cli.command.Command;
import io.measureflow.cli.command.Setting;
import io.measureflow.cli.command.Wiring;
import io.measureflow.cli.terminal.Text;
import io.measureflow.config.RunConfig;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code measureflow datasets convert}. */
final class ConvertDatasetCommand implements Command {

  private static final String OUTPUT = "--output";
  private static final String FORMAT = "--format";
  private static final String PART = "--part";
  private static final String OVERWRITE = "--overwrite";
  private static final List<String> SOURCE =
      List.of("--data", "--test", "--label", "--separator", "--header");

  @Override
  public String name() {
    return "convert";
  }

  @Override
  public void describe(CommandSpec spec) {
    String formats = String.join(", ", Converters.onClassPath().formats());
    spec.usageMessage()
        .description(
            "Writes a dataset as a table in another format: " + formats + ".",
            "",
            "  measureflow datasets convert csv --data X.csv.gz --output X.parquet",
            "  measureflow datasets convert mnist --data DIR --part test --output test.arrow",
            "",
            "The values are those of the source. A table keeps the names of its columns and, except"
                + " in csv, their types; images become columns pixel0, pixel1, ... of bytes and a"
                + " column label.");
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("NAME")
            .type(String.class)
            .arity("1")
            .required(true)
            .index("0")
            .completionCandidates(Candidates.datasets())
            .description("The dataset or format to convert.")
            .build());
    spec.addOption(
        Setting.option(OUTPUT, "FILE", "The table; it appears once it is complete.")
            .required(true)
            .build());
    spec.addOption(
        Setting.option(
                FORMAT,
                "NAME",
                "The format of the table: " + formats + ". Default: by the extension of the file.")
            .build());
    spec.addOption(
        Setting.option(
                PART,
                "train|test",
                "Which rows to convert, for datasets with test rows of their own or a --test file."
                    + " Default: train.")
            .build());
    spec.addOption(
        OptionSpec.builder(OVERWRITE)
            .type(boolean.class)
            .description("Replace an existing file.")
            .build());
    Setting.addGroup(
        spec,
        "Data:",
        1,
        Setting.DATA.stream().filter(setting -> SOURCE.contains(setting.option())).toList());
    Setting.addConfiguration(spec, 2);
  }

  @Override
  public int run(ParseResult arguments) {
    String name = arguments.matchedPositionalValue(0, "");
    RunConfig config = Setting.configuration(arguments);
    Wiring wiring = Wiring.of(config);
    var converters = Converters.of(wiring.extensions());
    // Refuse an unknown name before opening anything.
    wiring.datasets().description(name);
    Path file = Path.of(Setting.given(arguments, OUTPUT).orElseThrow());
    String format = Setting.given(arguments, FORMAT).orElseGet(() -> converters.formatOf(file));
    DatasetConverter converter = converters.get(format, OUTPUT + " " + file + ", or " + FORMAT);
    DatasetRequest source =
        config
            .dataset()
            .named(name)
            .request(Precision.FLOAT32, DatasetRequest.Use.EVALUATE)
            .withScaling(Optional.of(Scaling.NONE));
    DatasetConverter.Converted converted =
        converter.convert(
            new DatasetConverter.Request(
                source,
                () -> wiring.loadUnprepared(source),
                part(Setting.given(arguments, PART).orElse("train")),
                file,
                format,
                arguments.hasMatchedOption(OVERWRITE)));
    System.out.println(
        file
            + ": "
            + Text.count((double) converted.rows())
            + " rows of "
            + Text.count((double) converted.columns())
            + " columns");
    if (!converted.leftOut().isEmpty()) {
      System.out.println(
          "left out, since no loader reads them: "
              + converted.leftOut().stream()
                  .map(ConvertDatasetCommand::column)
                  .collect(Collectors.joining(", ")));
    }
    return 0;
  }

  private static String column(SourceColumn column) {
    return column.name() + " (" + column.type() + ")";
  }

  private static DatasetConverter.Part part(String name) {
    return Arrays.stream(DatasetConverter.Part.values())
        .filter(part -> part.name().toLowerCase(Locale.ROOT).equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                InvalidRequestException.of(
                    PART, "train or test", "'" + name + "'", "Choose one of them."));
  }
}
