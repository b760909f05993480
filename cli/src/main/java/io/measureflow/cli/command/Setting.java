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
 * An option that sets a key of the configuration. The configuration checks the value, so one
 * message serves the command line, files and system properties.
 *
 * @param option its name on the command line
 * @param key the key, without the prefix {@code measureflow.}
 * @param label the name of its value in the help
 * @param description its description in the help
 */
public record Setting(String option, String key, String label, String description) {

  private static final String PREFIX = RunConfig.ROOT + ".";
  private static final String CONFIG = "--config";
  private static final String SET = "--set";
  private static final String ENVIRONMENT = "--config-environment";

  public static final List<Setting> DATA =
      List.of(
          new Setting(
              "--dataset",
              "dataset.name",
              "NAME",
              "A dataset or a file format; 'measureflow datasets' lists them. Default: digits"
                  + " (built in)."),
          new Setting("--data", "dataset.data", "PATH", "The folder or file with the data."),
          new Setting(
              "--test", "dataset.test", "FILE", "A file with the test rows, for file formats."),
          new Setting(
              "--label",
              "dataset.label",
              "COLUMNS",
              "The target: names of columns or their indices (from 0; -1 is the last), separated by"
                  + " commas. Several columns are several real targets. Default: label."),
          new Setting(
              "--target",
              "dataset.target",
              "auto|classes|real",
              "The kind of target. Default: auto (classes if the labels are text or integers)."),
          new Setting(
              "--separator",
              "dataset.separator",
              "auto|,|;|tab|...",
              "The character between the cells of a CSV file. Default: auto (the one of comma,"
                  + " semicolon, tab and vertical bar that fits best)."),
          new Setting(
              "--header",
              "dataset.header",
              "auto|true|false",
              "Whether the first row of a CSV file names the columns. Default: auto (a header"
                  + " unless every cell is a number or the row looks like those below it)."),
          new Setting(
              "--missing",
              "dataset.missing",
              "auto|refuse|drop|mean",
              "What to do with missing values: fill in the mean of the column over the training"
                  + " rows (mean), drop their rows, or refuse them. Text that is missing is a value"
                  + " of its own. Default: auto (mean)."),
          new Setting(
              "--most-categories",
              "dataset.most-categories",
              "N",
              "A column of text becomes one feature per value if it has at most N different ones;"
                  + " 0 leaves text out. Default: 64."),
          new Setting(
              "--categories",
              "dataset.categories",
              "COLUMNS",
              "Columns that become one feature per value whatever they hold, by name, separated by"
                  + " commas. Default: none."),
          new Setting(
              "--dates",
              "dataset.dates",
              "leave-out|number",
              "What dates and times become; number: days since 1970-01-01. Default: leave-out."),
          new Setting(
              "--scaling",
              "dataset.scaling",
              "auto|none|unit|standardise",
              "unit: map the range of the type to 0..1; standardise: give each feature mean 0 and"
                  + " standard deviation 1 over the training rows. Default: auto (unit for images,"
                  + " standardise for tables)."),
          new Setting(
              "--target-scaling",
              "dataset.target-scaling",
              "auto|none|standardise",
              "The same for real targets; predictions have the units of the targets either way."
                  + " Default: auto (standardise if features are standardised, but none for a loss"
                  + " that takes targets in their own units: poisson, binary_cross_entropy)."),
          new Setting(
              "--split",
              "dataset.split",
              "FRACTION",
              "Hold out this fraction of the rows for testing, the same of each class. Default:"
                  + " 0."),
          new Setting(
              "--storage",
              "dataset.storage",
              "memory|cache|stream",
              "Where to keep the rows. cache: in a file that is created once and mapped into"
                  + " memory; stream: Parquet and Arrow files are read again in each epoch."
                  + " Default: memory."));

  public static final List<Setting> MODEL =
      List.of(
          new Setting(
              "--family",
              "model.family",
              "NAME",
              "The family of the components: dirac (an ordinary layer of neurons), isotropic,"
                  + " diagonal, factored, full, or one from the class path. Default: auto"
                  + " (diagonal for tables, factored for images or with a flow or learning rate of"
                  + " your own)."),
          new Setting(
              "--components",
              "model.components",
              "K",
              "The number of components. Default: auto (256, or 64 for families with a factor)."),
          new Setting(
              "--rank",
              "model.rank",
              "R",
              "The rank of the covariance factor, for the family factored. Default: 4."),
          new Setting(
              "--activation",
              "model.activation",
              "NAME",
              "identity, quadratic, relu, leaky_relu, step, erf, gelu, sin, cos, tanh, sigmoid,"
                  + " silu, softplus, or one from the class path; a parameter goes in parentheses:"
                  + " leaky_relu(0.2). Default: relu."),
          new Setting(
              "--bias",
              "model.bias",
              "true|false",
              "Whether mixture layers have a bias. Default: true."),
          new Setting(
              "--model",
              "model.network",
              "NETWORK|FILE",
              "A network: one of mlp, lenet, gm-lenet, resnet8, gm-resnet8, vit-tiny, gm-vit-tiny,"
                  + " or a file in JSON or HOCON that describes it (docs/networks.md)."),
          new Setting(
              "--layers",
              "model.layers",
              "LAYERS",
              "Several layers instead of one, for example gm:diagonal:64x32,dense:10 (family,"
                  + " components x outputs). Further settings of a layer follow it:"
                  + " :activation=identity:bias=false. All types of layers: docs/networks.md."),
          new Setting(
              "--init",
              "init",
              "PATH",
              "Start from the model in this checkpoint, or from the result of this run folder."));

  public static final List<Setting> TRAINING =
      List.of(
          new Setting(
              "--epochs",
              "training.epochs",
              "N",
              "Passes over the training rows. Default: auto (at least 3,000 steps and 12 epochs; 12"
                  + " with a flow or learning rate of your own)."),
          new Setting(
              "--batch",
              "training.batch",
              "N",
              "Rows per batch. Default: auto (an eighth of the rows, 16 to 128)."),
          new Setting(
              "--learning-rate",
              "training.learning-rate",
              "H",
              "The learning rate. Default: auto (0.01 if no flow is given and rows are shuffled;"
                  + " otherwise by components and flow, for wasserstein 0.5 with 64 or more"
                  + " components, or 10 or more with a factor, else 0.2)."),
          new Setting(
              "--flow",
              "training.flow",
              "NAME",
              "How parameters follow the gradient: wasserstein (gradient flow), momentum, nesterov,"
                  + " adam, adamw; rk4 integrates the flow in continuous time, with all rows in one"
                  + " batch; langevin adds noise. Default: auto (adam; wasserstein if a learning"
                  + " rate is given or rows are not shuffled)."),
          new Setting(
              "--loss",
              "training.loss",
              "NAME",
              "The loss: softmax_cross_entropy for classes; half_squared_error, absolute_error or"
                  + " huber for real targets, binary_cross_entropy for labels of 0 or 1, poisson"
                  + " for counts; or one from the class path. Default: auto"
                  + " (softmax_cross_entropy or half_squared_error)."),
          new Setting(
              "--train",
              "training.train",
              "PARTS",
              "The parameters to train: means, spread, weights, separated by commas. Default:"
                  + " means,spread."),
          new Setting(
              "--second-moment",
              "training.second-moment",
              "LAMBDA",
              "The coefficient of the second moment of the measure in the objective. Default: auto"
                  + " (0; 1/rows where rows are few and the run chooses how it trains)."),
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
              "Clip gradients to this norm, in the metric of the flow. Default: none."),
          new Setting(
              "--report",
              "training.report",
              "true|false",
              "Record the energy, its decrease and the distance moved in each epoch. Default:"
                  + " false."),
          new Setting(
              "--schedule",
              "training.schedule.kind",
              "NAME",
              "How the learning rate changes during training: constant, cosine, one-cycle, step."
                  + " Default: constant."),
          new Setting(
              "--shuffle",
              "training.shuffle",
              "true|false",
              "Whether to shuffle the training rows in each epoch. Default: true."),
          new Setting(
              "--validation",
              "training.validation",
              "FRACTION",
              "Hold out this fraction of the training rows for validation. Default: 0."),
          new Setting(
              "--patience",
              "training.patience",
              "N",
              "Stop after N epochs without a lower validation loss, and keep the best epoch."
                  + " Default: 0 (never)."),
          new Setting("--seed", "seed", "N", "The random seed. Default: 1."));

  public static final List<Setting> COMPUTING =
      List.of(
          new Setting(
              "--backend",
              "backend",
              "NAME",
              "The backend; 'measureflow backends' lists them. Default: simd."),
          new Setting(
              "--threads",
              "threads",
              "N",
              "The number of threads of simd, whose results do not depend on it, and of nd4j."
                  + " reference always computes on one, and the device of tornado chooses its own."
                  + " Default: one per processor."),
          new Setting(
              "--precision",
              "precision",
              "float32|float64",
              "The floating-point type. Default: the first that the backend supports."));

  /** Adds a group of settings to a command. */
  public static void addGroup(CommandSpec spec, String heading, int order, List<Setting> settings) {
    ArgGroupSpec.Builder group =
        ArgGroupSpec.builder().heading("%n" + heading + "%n").order(order).validate(false);
    int position = 0;
    for (Setting setting : settings) {
      group.addArg(
          option(setting.option, setting.label, setting.description)
              .completionCandidates(Candidates.of(setting))
              .order(position++)
              .build());
    }
    spec.addArgGroup(group.build());
  }

  /** Adds the options that can change any setting. */
  public static void addConfiguration(CommandSpec spec, int order) {
    spec.addArgGroup(
        ArgGroupSpec.builder()
            .heading("%nOther settings (reference.conf describes all of them):%n")
            .order(order)
            .validate(false)
            .addArg(
                option(
                        CONFIG,
                        "FILE",
                        "Read settings from a file (HOCON). Options of the command line override"
                            + " it.")
                    .build())
            .addArg(
                OptionSpec.builder(ENVIRONMENT)
                    .type(boolean.class)
                    .description(
                        "Let the file of --config read environment variables, as $${NAME}.")
                    .build())
            .addArg(
                OptionSpec.builder(SET)
                    .paramLabel("KEY=VALUE")
                    .type(List.class)
                    .auxiliaryTypes(String.class)
                    .arity("1")
                    .completionCandidates(Candidates.keys())
                    .description(
                        "Change any setting, for example --set training.flow-options.beta1=0.95."
                            + " May be repeated.")
                    .build())
            .build());
  }

  /** Creates an option with one string value. */
  public static OptionSpec.Builder option(String name, String label, String description) {
    return OptionSpec.builder(name)
        .paramLabel(label)
        .type(String.class)
        .arity("1")
        .description(description);
  }

  /** Returns the value of an option, if given. */
  public static Optional<String> given(ParseResult arguments, String option) {
    return Optional.ofNullable(arguments.matchedOptionValue(option, null));
  }

  /**
   * Checks which options go with another one.
   *
   * @param option the option, such as {@code --resume}
   * @param allowed the options that may be given with it, itself among them
   * @param expected which these are, for the message
   * @param remedy what to do instead, for the message
   * @throws InvalidRequestException if another option is given
   */
  public static void requireOnly(
      ParseResult arguments, String option, List<String> allowed, String expected, String remedy) {
    for (OptionSpec given : arguments.matchedOptions()) {
      if (!allowed.contains(given.longestName())) {
        throw InvalidRequestException.of(option, expected, given.longestName(), remedy);
      }
    }
  }

  /** Creates the configuration from the arguments of a command. */
  public static RunConfig configuration(ParseResult arguments) {
    return configuration(arguments, given(arguments, CONFIG).map(Path::of), Map.of());
  }

  /** Creates the configuration; only these options are settings. */
  public static RunConfig configuration(ParseResult arguments, List<Setting> options) {
    return configuration(
        arguments, given(arguments, CONFIG).map(Path::of), Map.of(), List.of(options));
  }

  /** Creates the configuration with further settings. */
  public static RunConfig configuration(ParseResult arguments, Map<String, String> further) {
    return configuration(arguments, given(arguments, CONFIG).map(Path::of), further);
  }

  /** Creates the configuration from a given file and with further settings. */
  public static RunConfig configuration(
      ParseResult arguments, Optional<Path> file, Map<String, String> further) {
    return configuration(arguments, file, further, List.of(DATA, MODEL, TRAINING, COMPUTING));
  }

  private static RunConfig configuration(
      ParseResult arguments,
      Optional<Path> file,
      Map<String, String> further,
      List<List<Setting>> groups) {
    Map<String, String> settings = typed(arguments, groups);
    settings.putAll(further);
    return RunConfig.load(
        file,
        settings,
        arguments.hasMatchedOption(ENVIRONMENT) && given(arguments, CONFIG).isPresent()
            ? Environment.VISIBLE
            : Environment.HIDDEN);
  }

  /** Returns the settings that options of the command line give, by key, as they were typed. */
  public static Map<String, String> typed(ParseResult arguments) {
    return typed(arguments, List.of(DATA, MODEL, TRAINING, COMPUTING));
  }

  private static Map<String, String> typed(ParseResult arguments, List<List<Setting>> groups) {
    var settings = new LinkedHashMap<String, String>();
    List<String> changes = arguments.matchedOptionValue(SET, List.of());
    for (String change : changes) {
      int equals = change.indexOf('=');
      if (equals < 1) {
        throw InvalidRequestException.of(
            SET, "KEY=VALUE", "'" + change + "'", "Write, for example, --set training.epochs=5.");
      }
      String key = change.substring(0, equals).strip();
      settings.put(
          key.startsWith(PREFIX) ? key.substring(PREFIX.length()) : key,
          change.substring(equals + 1).strip());
    }
    for (List<Setting> group : groups) {
      for (Setting setting : group) {
        given(arguments, setting.option).ifPresent(value -> settings.put(setting.key, value));
      }
    }
    return settings;
  }
}
