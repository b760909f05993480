package io.measureflow.cli.data;

import io.measureflow.api.data.DatasetFetcher;
import io.measureflow.cli.command.Command;
import io.measureflow.cli.command.Setting;
import io.measureflow.cli.command.Wiring;
import io.measureflow.cli.terminal.Terminal;
import io.measureflow.config.RunConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code measureflow datasets fetch}. */
final class FetchDatasetCommand implements Command {

  private static final String FROM = "--from";

  private static final List<Setting> SETTINGS =
      List.of(
          new Setting("--to", "fetch.to", "DIR", "The folder for the files. Default: data/NAME."),
          new Setting(
              "--timeout",
              "fetch.timeout",
              "SECONDS",
              "How long to wait for each answer of the server. Default: 30."));

  @Override
  public String name() {
    return "fetch";
  }

  @Override
  public void describe(CommandSpec spec) {
    List<String> names =
        Wiring.defaults().fetchers().sources().stream().map(DatasetFetcher.Source::name).toList();
    spec.usageMessage()
        .description(
            "Downloads a dataset: " + String.join(", ", names) + ".",
            "",
            "  measureflow datasets fetch mnist",
            "  measureflow datasets fetch cifar10 --to DIR",
            "",
            "Files are checked against known SHA-256 digests. A complete file is not downloaded"
                + " again, and after a broken connection the same command continues where it"
                + " stopped. No other command uses the network.");
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("NAME")
            .type(String.class)
            .arity("1")
            .required(true)
            .index("0")
            .completionCandidates(names)
            .description("The dataset.")
            .build());
    Setting.addGroup(spec, "Download:", 1, SETTINGS);
    spec.addOption(
        Setting.option(
                FROM, "URL", "The address of the folder with its files, instead of the default.")
            .build());
    Setting.addConfiguration(spec, 2);
  }

  @Override
  public int run(ParseResult arguments) {
    String name = arguments.matchedPositionalValue(0, "");
    // The name is part of a key; an unknown dataset must not be reported as an unknown setting.
    Optional<String> from = Setting.given(arguments, FROM);
    boolean known =
        Wiring.defaults().fetchers().sources().stream()
            .anyMatch(source -> source.name().equals(name));
    Map<String, String> further = new LinkedHashMap<>();
    if (known) {
      from.ifPresent(address -> further.put("fetch.from." + name, address));
    }
    for (Setting setting : SETTINGS) {
      Setting.given(arguments, setting.option())
          .ifPresent(value -> further.put(setting.key(), value));
    }
    RunConfig config = Setting.configuration(arguments, further);
    Path folder =
        Wiring.of(config)
            .fetchers()
            .fetch(
                config.fetch().request(name),
                new FetchProgress(System.err, Terminal.isStandardErrorTerminal()));
    System.out.println(
        name
            + ": "
            + folder
            + ", for 'measureflow train --dataset "
            + name
            + " --data "
            + folder
            + "'");
    return 0;
  }
}
