package io.measureflow.cli.command;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.config.RunConfig;
import io.measureflow.config.RunConfig.Environment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * An option that stands for a key of the configuration. The configuration checks its value, so that
 * one message serves the command line, files and system properties.
 *
 * @param option its name on the command line
 * @param key the key, without the prefix {@code measureflow.}
 * @param label what the help calls its value
 * @param description what the help says
 */
public record Setting(String option, String key, String label, String description) {

  private static final String CONFIG = "--config";
  private static final String SET = "--set";
  private static final String ENVIRONMENT = "--config-environment";

  public static final List<Setting> DATA =
      List.of(
          new Setting(
              "--dataset",
              "dataset.name",
              "NAME",
              "A dataset or a format; 'measureflow datasets' lists them. Default: digits, which is"
                  + " built in."),
          new Setting("--data", "dataset.data", "PATH", "Its folder or file."),
          new Setting("--test", "dataset.test", "FILE", "The file of the test rows, for formats."),
          new Setting(
              "--label",
              "dataset.label",
              "COLUMNS",
              "What to predict: names of columns or their numbers (from 0; -1: the last), separated"
                  + " by commas. Several are real numbers. Default: label."),
          new Setting(
              "--target",
              "dataset.target",
              "auto|classes|real",
              "What the labels are. Default: classes where they are text or integers."),
          new Setting(
              "--header",
              "dataset.header",
              "auto|true|false",
              "Whether the first row of a CSV file names the columns. Default: unless it holds"
                  + " numbers alone."),
          new Setting(
              "--missing",
              "dataset.missing",
              "refuse|drop|mean",
              "Missing values: refuse them, leave their rows out, or take the mean of the column"
                  + " over the training rows. Default: refuse."),
          new Setting(
              "--scaling",
              "dataset.scaling",
              "auto|none|unit|standardise",
              "unit: the range of the type becomes 0 to 1; standardise: mean 0 and deviation 1 over"
                  + " the training rows. Default: unit for images, none for tables."),
          new Setting(
              "--split",
              "dataset.split",
              "FRACTION",
              "Hold out this part of the rows as test rows, of each class alike. Default: 0."),
          new Setting(
              "--storage",
              "dataset.storage",
              "memory|cache|stream",
              "cache: a file, made once, that is mapped into memory; stream: read Parquet or Arrow"
                  + " files again in each epoch. Default: memory."));

  public static final List<Setting> MODEL =
      List.of(
          new Setting(
              "--family",
              "model.family",
              "NAME",
              "The family of the components: dirac (an ordinary layer of neurons), isotropic,"
                  + " diagonal, factored, full, or one on the class path. Default: factored."),
          new Setting(
              "--components", "model.components", "K", "The number of components. Default: 64."),
          new Setting(
              "--rank",
              "model.rank",
              "R",
              "The rank of the covariance's factor, for family factored. Default: 4."),
          new Setting(
              "--activation",
              "model.activation",
              "NAME",
              "identity, quadratic, relu, leaky_relu, step, erf, gelu, sin, cos, tanh, sigmoid,"
                  + " silu, softplus, or one on the class path; a parameter in parentheses, as in"
                  + " leaky_relu(0.2). Default: relu."),
          new Setting(
              "--bias",
              "model.bias",
              "true|false",
              "Whether mixture layers see a constant 1. Default: true."),
          new Setting(
              "--layers",
              "model.layers",
              "STACK",
              "A stack instead of one layer, for example gm:diagonal:64x32,dense:10 (family,"
                  + " components x outputs); further parts as :activation=identity:bias=false."),
          new Setting(
              "--init", "init", "FILE", "Start from this checkpoint, which also says the model."));

  public static final List<Setting> TRAINING =
      List.of(
          new Setting("--epochs", "training.epochs", "N", "Passes over the data. Default: 12."),
          new Setting("--batch", "training.batch", "N", "Rows of a batch. Default: 128."),
          new Setting(
              "--learning-rate",
              "training.learning-rate",
              "H",
              "The step of the flow. Default: 0.5 from 64 components on (10 with a factor), 0.2"
                  + " below."),
          new Setting(
              "--flow",
              "training.flow",
              "NAME",
              "wasserstein (gradient flow), momentum, nesterov, adam, adamw; rk4 for the"
                  + " continuous-time flow with a batch of all rows. Default: wasserstein."),
          new Setting(
              "--train",
              "training.train",
              "PARTS",
              "What moves: means, spread, weights, separated by commas. Default: means,spread."),
          new Setting(
              "--second-moment",
              "training.second-moment",
              "LAMBDA",
              "The weight of the second moment of the measure in the objective. Default: 0."),
          new Setting(
              "--entropy",
              "training.entropy",
              "TAU",
              "The temperature of the entropy of the components, which keeps their spread from"
                  + " collapsing. Default: 0."),
          new Setting(
              "--clip",
              "training.clip",
              "NORM",
              "Shorten gradients to this norm in the metric of the flow. Default: none."),
          new Setting(
              "--report",
              "training.report",
              "true|false",
              "Write down what the flow did: energy, its decrease, distance moved. Default:"
                  + " false."),
          new Setting(
              "--schedule",
              "training.schedule.kind",
              "NAME",
              "The learning rate along training: constant, cosine, step. Default: constant."),
          new Setting(
              "--shuffle",
              "training.shuffle",
              "true|false",
              "false: take the rows as they lie. Default: true."),
          new Setting(
              "--validation",
              "training.validation",
              "FRACTION",
              "Hold out this part of the training rows to watch the loss on. Default: 0."),
          new Setting(
              "--patience",
              "training.patience",
              "N",
              "Stop after N epochs without a lower validation loss, and keep the best. Default: 0,"
                  + " never."),
          new Setting("--seed", "seed", "N", "The seed of everything random. Default: 1."));

  public static final List<Setting> COMPUTING =
      List.of(
          new Setting(
              "--backend",
              "backend",
              "NAME",
              "What computes; 'measureflow backends' lists them. Default: simd."),
          new Setting(
              "--threads",
              "threads",
              "N",
              "Default: one per processor. Results of simd and reference do not depend on it."),
          new Setting(
              "--precision",
              "precision",
              "float32|float64",
              "Default: the first that the backend offers."));

  /** Adds a group of settings to a command. */
  public static void addGroup(CommandSpec spec, String heading, int order, List<Setting> settings) {
    ArgGroupSpec.Builder group =
        ArgGroupSpec.builder().heading("%n" + heading + "%n").order(order).validate(false);
    int position = 0;
    for (Setting setting : settings) {
      group.addArg(
          option(setting.option, setting.label, setting.description).order(position++).build());
    }
    spec.addArgGroup(group.build());
  }

  /** Adds the options that stand for any setting. */
  public static void addConfiguration(CommandSpec spec, int order) {
    spec.addArgGroup(
        ArgGroupSpec.builder()
            .heading("%nAny setting (reference.conf describes them all):%n")
            .order(order)
            .validate(false)
            .addArg(
                option(
                        CONFIG,
                        "FILE",
                        "Read settings from a file (HOCON). The command line is stronger.")
                    .build())
            .addArg(
                OptionSpec.builder(ENVIRONMENT)
                    .type(boolean.class)
                    .description(
                        "Let the file of --config use variables of the environment, as ${NAME}.")
                    .build())
            .addArg(
                OptionSpec.builder(SET)
                    .paramLabel("KEY=VALUE")
                    .type(List.class)
                    .auxiliaryTypes(String.class)
                    .arity("1")
                    .description(
                        "Change any setting, for example --set training.flow-options.beta1=0.95.")
                    .build())
            .build());
  }

  /** An option with one value, which is a text. */
  public static OptionSpec.Builder option(String name, String label, String description) {
    return OptionSpec.builder(name)
        .paramLabel(label)
        .type(String.class)
        .arity("1")
        .description(description);
  }

  /** The value of an option, if it was given. */
  public static Optional<String> given(ParseResult arguments, String option) {
    return Optional.ofNullable(arguments.matchedOptionValue(option, null));
  }

  /** The configuration that the arguments of a command make. */
  public static RunConfig configuration(ParseResult arguments) {
    return configuration(arguments, given(arguments, CONFIG).map(Path::of), Map.of());
  }

  /** As {@link #configuration(ParseResult)}, where only these options stand for settings. */
  public static RunConfig configuration(ParseResult arguments, List<Setting> options) {
    return configuration(
        arguments, given(arguments, CONFIG).map(Path::of), Map.of(), List.of(options));
  }

  /** As {@link #configuration(ParseResult)}, with further settings. */
  public static RunConfig configuration(ParseResult arguments, Map<String, String> further) {
    return configuration(arguments, given(arguments, CONFIG).map(Path::of), further);
  }

  /** As {@link #configuration(ParseResult)}, from a certain file and with further settings. */
  public static RunConfig configuration(
      ParseResult arguments, Optional<Path> file, Map<String, String> further) {
    return configuration(arguments, file, further, List.of(DATA, MODEL, TRAINING, COMPUTING));
  }

  private static RunConfig configuration(
      ParseResult arguments,
      Optional<Path> file,
      Map<String, String> further,
      List<List<Setting>> groups) {
    var settings = new LinkedHashMap<String, String>();
    List<String> changes = arguments.matchedOptionValue(SET, List.of());
    for (String change : changes) {
      int equals = change.indexOf('=');
      if (equals < 1) {
        throw InvalidRequestException.of(
            SET, "KEY=VALUE", "'" + change + "'", "Write, for example, --set training.epochs=5.");
      }
      settings.put(change.substring(0, equals).strip(), change.substring(equals + 1).strip());
    }
    for (List<Setting> group : groups) {
      for (Setting setting : group) {
        given(arguments, setting.option).ifPresent(value -> settings.put(setting.key, value));
      }
    }
    settings.putAll(further);
    return RunConfig.load(
        file,
        settings,
        arguments.hasMatchedOption(ENVIRONMENT) && given(arguments, CONFIG).isPresent()
            ? Environment.VISIBLE
            : Environment.HIDDEN);
  }
}
