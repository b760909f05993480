package io.measureflow.cli;

import com.google.inject.ProvisionException;
import io.measureflow.Backends;
import io.measureflow.Versions;
import io.measureflow.api.backend.BackendProvider;
import io.measureflow.api.error.MeasureFlowException;
import io.measureflow.cli.command.Command;
import io.measureflow.cli.compute.BackendsCommand;
import io.measureflow.cli.compute.BenchCommand;
import io.measureflow.cli.data.DatasetsCommand;
import io.measureflow.cli.experiment.ExperimentCommand;
import io.measureflow.cli.experiment.PlotCommand;
import io.measureflow.cli.predict.EvaluateCommand;
import io.measureflow.cli.predict.PredictCommand;
import io.measureflow.cli.terminal.StandardErrorLogs;
import io.measureflow.cli.train.TrainCommand;
import io.measureflow.config.BackendConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command {@code measureflow}. Results go to standard output, progress and logs to standard
 * error. Exit codes: 0 done, 1 failed while running, 2 the request was wrong.
 */
public final class Main {

  private static final int FAILED = 1;
  private static final int WRONG_REQUEST = 2;
  private static final String VERBOSE = "--verbose";
  private static final String BACKEND = "--backend";

  private Main() {}

  /** Runs the command and ends the process. */
  public static void main(String[] args) {
    // Plots are drawn into memory; without this the toolkit looks for a display.
    System.setProperty("java.awt.headless", "true");
    if (asked(args).stream().anyMatch(Command::opensBackend)) {
      prepareBackends(args);
    }
    System.exit(run(args));
  }

  /**
   * Gives backends the time until one of them is opened. Which one that will be the configuration
   * says, which has yet to be read; but if the command line names it, all others stay as they are.
   */
  private static void prepareBackends(String[] args) {
    int option = List.of(args).indexOf(BACKEND);
    String named = option >= 0 && option + 1 < args.length ? args[option + 1] : "";
    boolean any = named.isEmpty() || named.equals(BackendConfig.AUTO);
    Thread.ofPlatform()
        .daemon()
        .name("preparation")
        // What goes wrong here the main thread meets, too, and reports.
        .uncaughtExceptionHandler((_, _) -> {})
        .start(
            () ->
                Backends.onClassPath().providers().stream()
                    .filter(provider -> any || provider.name().equals(named))
                    .forEach(BackendProvider::prepare));
  }

  /** Runs the command and returns its exit code. */
  static int run(String... args) {
    CommandSpec root =
        CommandSpec.create()
            .name("measureflow")
            .version(
                "measureflow " + Versions.measureflow(),
                "java " + Versions.java(),
                Versions.operatingSystem());
    addHelp(root);
    root.usageMessage()
        .description(
            "Trains neural networks whose layers are measures: mixtures of Gaussians over neurons.")
        .footer(
            "",
            "Begin with 'measureflow train': it trains on built-in data in less than a minute."
                + " 'measureflow train --help' says what can be chosen.",
            "",
            "Results go to standard output, progress to standard error. Exit codes: 0 done, 1"
                + " failed while running, 2 the request was wrong.");
    // To describe them all takes longer than many a command.
    List<Command> asked = asked(args);
    (asked.isEmpty() ? commands() : asked).forEach(command -> add(root, command));
    return new CommandLine(root)
        .setUsageHelpAutoWidth(true)
        .setParameterExceptionHandler((error, arguments) -> wrongArguments(error))
        .setExecutionStrategy(Main::execute)
        .execute(args);
  }

  /** The command that the arguments name, if any. */
  private static List<Command> asked(String[] args) {
    return commands().stream()
        .filter(command -> args.length > 0 && command.name().equals(args[0]))
        .toList();
  }

  private static List<Command> commands() {
    return List.of(
        new TrainCommand(),
        new EvaluateCommand(),
        new PredictCommand(),
        new BackendsCommand(),
        new BenchCommand(),
        new ExperimentCommand(),
        new PlotCommand(),
        new DatasetsCommand());
  }

  private static void add(CommandSpec parent, Command command) {
    CommandSpec spec = CommandSpec.wrapWithoutInspection(command).name(command.name());
    addHelp(spec);
    spec.usageMessage().sortOptions(false).abbreviateSynopsis(true);
    spec.addOption(
        OptionSpec.builder(VERBOSE)
            .type(boolean.class)
            .description("Show debugging messages, and stack traces of errors.")
            .build());
    command.describe(spec);
    command.subcommands().forEach(subcommand -> add(spec, subcommand));
    parent.addSubcommand(command.name(), spec);
  }

  /** What mixinStandardHelpOptions adds, without the annotations that it takes long to read. */
  private static void addHelp(CommandSpec spec) {
    spec.addOption(
        OptionSpec.builder("-h", "--help")
            .usageHelp(true)
            .description("Show this help message and exit.")
            .build());
    spec.addOption(
        OptionSpec.builder("-V", "--version")
            .versionHelp(true)
            .description("Print version information and exit.")
            .build());
  }

  private static int execute(ParseResult parsed) {
    Integer help = CommandLine.executeHelpRequest(parsed);
    if (help != null) {
      return help;
    }
    if (!parsed.hasSubcommand()) {
      parsed.commandSpec().commandLine().usage(System.out);
      return 0;
    }
    ParseResult chosen = parsed.subcommand();
    while (chosen.hasSubcommand()) {
      chosen = chosen.subcommand();
    }
    boolean verbose = chosen.hasMatchedOption(VERBOSE);
    StandardErrorLogs.setVerbose(verbose);
    try {
      return ((Command) chosen.commandSpec().userObject()).run(chosen);
    } catch (MeasureFlowException e) {
      return expected(e, verbose);
    } catch (ProvisionException e) {
      // Guice wraps what a provider throws.
      if (e.getCause() instanceof MeasureFlowException cause) {
        return expected(cause, verbose);
      }
      unexpected(e, verbose);
      return FAILED;
    } catch (RuntimeException | Error e) {
      unexpected(e, verbose);
      return FAILED;
    }
  }

  private static int expected(MeasureFlowException e, boolean verbose) {
    error(e.getMessage());
    if (verbose) {
      e.printStackTrace();
    }
    return e.exitCode();
  }

  private static int wrongArguments(ParameterException wrong) {
    CommandLine command = wrong.getCommandLine();
    String message = String.valueOf(wrong.getMessage());
    if (wrong instanceof UnmatchedArgumentException unmatched
        && !unmatched.getSuggestions().isEmpty()) {
      message += ". Did you mean " + String.join(" or ", unmatched.getSuggestions()) + "?";
    }
    error(message);
    System.err.println(
        "'" + command.getCommandSpec().qualifiedName() + " --help' says what can be chosen.");
    return WRONG_REQUEST;
  }

  private static void unexpected(Throwable unexpected, boolean verbose) {
    String message =
        "unexpected "
            + unexpected.getClass().getSimpleName()
            + (unexpected.getMessage() == null ? "" : ": " + unexpected.getMessage());
    if (verbose) {
      error(message);
      unexpected.printStackTrace();
      return;
    }
    try {
      Path trace = Files.createTempFile("measureflow-error-", ".txt");
      try (var writer = new PrintWriter(Files.newBufferedWriter(trace))) {
        unexpected.printStackTrace(writer);
      }
      error(message + ". This is a fault of the program; its stack trace is in " + trace);
    } catch (IOException e) {
      error(message + ". This is a fault of the program; --verbose shows its stack trace");
    }
  }

  private static void error(String message) {
    System.err.println("measureflow: error: " + message);
  }
}
