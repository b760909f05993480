package io.measureflow.cli;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.cli.command.Command;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code measureflow completion}. */
final class CompletionCommand implements Command {

  private static final List<String> SHELLS = List.of("bash", "zsh");

  private final Supplier<CommandSpec> all;

  /**
   * @param all describes the whole command line
   */
  CompletionCommand(Supplier<CommandSpec> all) {
    this.all = all;
  }

  @Override
  public String name() {
    return "completion";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.usageMessage()
        .description(
            "Prints a script that completes commands, options and their values in a shell.",
            "",
            "  source <(measureflow completion bash)    # in ~/.bashrc",
            "  source <(measureflow completion zsh)     # in ~/.zshrc, after compinit");
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("SHELL")
            .type(String.class)
            .arity("1")
            .required(true)
            .index("0")
            .completionCandidates(SHELLS)
            .description("The shell: bash or zsh.")
            .build());
  }

  @Override
  public int run(ParseResult arguments) {
    String shell = arguments.matchedPositionalValue(0, "");
    if (!SHELLS.contains(shell)) {
      throw InvalidRequestException.of(
          "completion", String.join(" or ", SHELLS), "'" + shell + "'", "Name one of them.");
    }
    System.out.print(CompletionScript.of(all.get(), shell.equals("zsh")));
    return 0;
  }
}
