package io.measureflow.cli.data;

import io.measureflow.cli.command.Command;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code measureflow datasets}: prints the list if no subcommand is given. */
public final class DatasetsCommand implements Command {

  private final Command list = new ListDatasetsCommand();

  @Override
  public String name() {
    return "datasets";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.usageMessage()
        .description(
            "Lists the datasets and file formats and how to get them; describes, converts or"
                + " downloads a dataset.",
            "",
            "  measureflow datasets",
            "  measureflow datasets describe mnist --data DIR",
            "  measureflow datasets convert csv --data X.csv --output X.parquet",
            "  measureflow datasets fetch mnist");
  }

  @Override
  public List<Command> subcommands() {
    return List.of(
        list, new DescribeDatasetCommand(), new ConvertDatasetCommand(), new FetchDatasetCommand());
  }

  @Override
  public int run(ParseResult arguments) {
    return list.run(arguments);
  }
}
