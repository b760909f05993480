package io.measureflow.cli.data;

import io.measureflow.api.data.DatasetFetcher;
import io.measureflow.api.data.DatasetProvider;
import io.measureflow.cli.command.Command;
import io.measureflow.cli.command.Wiring;
import io.measureflow.cli.terminal.Text;
import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code measureflow datasets list}. */
final class ListDatasetsCommand implements Command {

  @Override
  public String name() {
    return "list";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.usageMessage().description("Lists the datasets and file formats and how to get them.");
  }

  @Override
  public int run(ParseResult arguments) {
    Map<String, DatasetFetcher.Source> sources = new HashMap<>();
    Wiring wiring = Wiring.defaults();
    wiring.fetchers().sources().forEach(source -> sources.put(source.name(), source));
    for (DatasetProvider.Description description : wiring.datasets().descriptions()) {
      System.out.println(description.name() + ": " + description.summary());
      System.out.println("  " + description.howToGet());
      DatasetFetcher.Source source = sources.get(description.name());
      if (source != null) {
        System.out.println(
            "  'measureflow datasets fetch "
                + source.name()
                + "' downloads it ("
                + Text.bytes((double) source.bytes())
                + ").");
      }
    }
    return 0;
  }
}
