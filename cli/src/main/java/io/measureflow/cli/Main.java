package io.measureflow.cli;

import io.measureflow.Backends;
import io.measureflow.Versions;
import io.measureflow.api.backend.BackendProvider;
import io.measureflow.cli.bench.BenchCommand;
import io.measureflow.cli.command.Command;
import io.measureflow.cli.compute.BackendsCommand;
import io.measureflow.cli.convert.ImportCommand;
import io.measureflow.cli.convert.LiftCommand;
import io.measureflow.cli.convert.SampleCommand;
import io.measureflow.cli.data.DatasetsCommand;
import io.measureflow.cli.experiment.ExperimentCommand;
import io.measureflow.cli.experiment.PlotCommand;
import io.measureflow.cli.predict.EvaluateCommand;
import io.measureflow.cli.predict.PredictCommand;
import io.measureflow.cli.report.ReportCommand;
import io.measureflow.cli.summary.SummaryCommand;
import io.measureflow.cli.terminal.StandardError;
import io.measureflow.cli.terminal.StandardErrorLogs;
import io.measureflow.cli.train.TrainCommand;
import io.measureflow.cli.tune.TuneCommand;
import io.measureflow.config.BackendConfig;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * The command {@code measureflow}. Results go to standard output, progress and logs to standard
 * error. Exit codes: 0 success, 1 the run failed, 2 the request was wrong.
 */
public final class Main {

  private static final String VERBOSE = "--verbose";
  private static final String BACKEND = "--backend";

  private Main() {}

  /** Runs the command and ends the process. */
  public static void main(String[] args) {
    int exitCode;
    try {
      StandardError.restore();
      // Plots are drawn into memory; without this the toolkit looks for a display.
      System.setProperty("java.awt.headless", "true");
      if (asked(args).stream().anyMatch(Command::opensBackend)) {
        prepareBackends(args);
      }
      exitCode = withOutputWritten(run(args));
    } catch (NoClassDefFoundError e) {
      // Not even what reports failures could be loaded.
      System.err.println("measureflow: error: " + withoutClass(e));
      exitCode = 1;
    }
    System.exit(exitCode);
  }

  /** Explains why a class was not found; uses no other class of the program. */
  static String withoutClass(NoClassDefFoundError e) {
    return "Class "
        + String.valueOf(e.getMessage()).replace('/', '.')
        + " could not be loaded: expected every jar of the class path to be readable, found one"
        + " that is missing, damaged, or that cannot be opened. Allow more open files (ulimit -n"
        + " 4096), check MEASUREFLOW_CLASSPATH, or delete the folder .build to build again.";
  }

  /**
   * Lets backends prepare until one of them is opened. The configuration, which has not been read
   * yet, decides which one; if the command line names it, only that one prepares.
   */
  private static void prepareBackends(String[] args) {
    int option = List.of(args).indexOf(BACKEND);
    String named = option >= 0 && option + 1 < args.length ? args[option + 1] : "";
    boolean any = named.isEmpty() || named.equals(BackendConfig.AUTO);
    Thread.ofPlatform()
        .daemon()
        .name("preparation")
        // The main thread encounters the same errors and reports them.
        .uncaughtExceptionHandler((_, _) -> {})
        .start(
            () ->
                Backends.onClassPath().providers().stream()
                    .filter(provider -> any || provider.name().equals(named))
                    .forEach(BackendProvider::prepare));
  }

  /** Runs the command and returns its exit code. */
  public static int run(String... args) {
    try {
      Failures.requireEncodable(args, Failures.charsetOfNames());
      // Describing all commands takes longer than many commands run.
      List<Command> asked = asked(args);
      return new CommandLine(describe(asked.isEmpty() ? commands() : asked))
          .setUsageHelpAutoWidth(true)
          .setParameterExceptionHandler((error, arguments) -> Failures.wrongArguments(error))
          .setExecutionStrategy(Main::execute)
          .execute(args);
    } catch (RuntimeException | Error e) {
      return Failures.report(e, List.of(), List.of(args).contains(VERBOSE));
    }
  }

  /** Returns the whole command line, with these commands. */
  private static CommandSpec describe(List<Command> commands) {
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
            "Trains neural networks whose layers integrate over measures: mixtures of Gaussians"
                + " over neurons.")
        .footer(
            "",
            "Start with 'measureflow train': it trains on built-in data in less than a minute."
                + " 'measureflow train --help' lists the options.",
            "",
            "Results go to standard output, progress and errors to standard error. Exit codes: 0"
                + " success, 1 the run failed, 2 the request was wrong.");
    commands.forEach(command -> add(root, command));
    return root;
  }

  /** Returns the command in the arguments, if any. */
  private static List<Command> asked(String[] args) {
    return commands().stream()
        .filter(command -> args.length > 0 && command.name().equals(args[0]))
        .toList();
  }

  private static List<Command> commands() {
    return List.of(
        new TrainCommand(),
        new TuneCommand(),
        new EvaluateCommand(),
        new PredictCommand(),
        new SummaryCommand(),
        new ImportCommand(),
        new LiftCommand(),
        new SampleCommand(),
        new BackendsCommand(),
        new BenchCommand(),
        new ExperimentCommand(),
        new PlotCommand(),
        new ReportCommand(),
        new DatasetsCommand(),
        new CompletionCommand(() -> describe(commands())));
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

  /** Adds what mixinStandardHelpOptions adds, without its slow reading of annotations. */
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
    } catch (RuntimeException | Error e) {
      List<String> options =
          chosen.commandSpec().options().stream().map(OptionSpec::longestName).toList();
      return Failures.report(e, options, verbose);
    }
  }

  /** Turns success into failure if the results did not reach standard output. */
  private static int withOutputWritten(int exitCode) {
    if (System.out.checkError() && exitCode == 0) {
      Failures.error(
          "Standard output could not be written: the disk is full, or the program that reads it has"
              + " ended. Files that the command writes are complete.");
      return Failures.FAILED;
    }
    return exitCode;
  }
}
