package io.measureflow.cli.convert;

import io.measureflow.TrainedModel;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Scaling;
import io.measureflow.api.data.Preprocessing;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import io.measureflow.cli.command.Command;
import io.measureflow.cli.command.Setting;
import io.measureflow.cli.command.Wiring;
import io.measureflow.config.RunConfig;
import io.measureflow.core.conversion.MappingInference;
import io.measureflow.core.conversion.TensorMapping;
import io.measureflow.core.conversion.TorchWeights;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code measureflow import}. */
public final class ImportCommand implements Command {

  private static final String FROM = "--from";
  private static final String MAPPING = "--mapping";
  private static final String DRAFT = "--draft";
  private static final String INPUT = "--input";
  private static final String OUTPUTS = "--outputs";
  private static final String MEAN = "--mean";
  private static final String STD = "--std";
  private static final String DATASET = "--dataset";

  /** What the loader of images divides values by. */
  private static final double WHITE = 255;

  private static final List<Setting> MODEL =
      Setting.MODEL.stream()
          .filter(setting -> List.of("--model", "--layers").contains(setting.option()))
          .toList();

  @Override
  public String name() {
    return "import";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.usageMessage()
        .description(
            "Makes a checkpoint from the weights of a PyTorch module, saved with"
                + " safetensors.torch.save_file(module.state_dict(), FILE). The model says the"
                + " layers; a mapping says which module is which layer (docs/networks.md).",
            "",
            "  measureflow import --from NET.safetensors --model resnet8 --dataset cifar10 --data"
                + " DIR --draft NET.mapping",
            "  measureflow import --from NET.safetensors --model resnet8 --dataset cifar10 --data"
                + " DIR --mapping NET.mapping --output MODEL.safetensors",
            "  measureflow import --from NET.safetensors --layers dense:64:activation=relu,dense"
                + " --input 20 --outputs 3 --output MODEL.safetensors");
    spec.addOption(
        Setting.option(FROM, "FILE", "The weights of PyTorch (safetensors).")
            .required(true)
            .build());
    spec.addOption(
        Setting.option(Conversion.OUTPUT, "FILE", "The checkpoint to write (safetensors).")
            .build());
    spec.addOption(
        Setting.option(
                MAPPING,
                "FILE",
                "Lines OURS = THEIRS: a layer and a module (layers.0 = conv1), or a parameter and a"
                    + " tensor; ignore = NAME leaves a tensor or a module out. Default: inferred"
                    + " from names and shapes, where these are unambiguous.")
            .build());
    spec.addOption(
        Setting.option(DRAFT, "FILE", "Write what can be inferred as a mapping to check, and stop.")
            .build());
    spec.addOption(
        Setting.option(
                INPUT, "SHAPE", "The shape of a sample, 784 or 3x32x32, in place of --dataset.")
            .build());
    spec.addOption(
        Setting.option(OUTPUTS, "N", "The number of outputs, in place of --dataset.").build());
    spec.addOption(
        Setting.option(
                MEAN,
                "M,...",
                "What was subtracted from each channel of an image with values of 0 to 1, or from"
                    + " each feature, as in torchvision's Normalize. Needs --dataset and --std.")
            .build());
    spec.addOption(Setting.option(STD, "S,...", "What each was then divided by.").build());
    Setting.addGroup(spec, "Model:", 1, MODEL);
    Setting.addGroup(spec, "Data, for shape, classes and scaling:", 2, Setting.DATA);
    Setting.addConfiguration(spec, 3);
  }

  @Override
  public int run(ParseResult arguments) {
    RunConfig config =
        Setting.configuration(
            arguments, Stream.concat(MODEL.stream(), Setting.DATA.stream()).toList());
    if (!config.modelGiven()) {
      throw InvalidRequestException.of(
          "model to import",
          "its layers, by --model NETWORK|FILE or --layers",
          "neither",
          "The weights do not say what PyTorch did between them.");
    }
    if (Setting.given(arguments, Conversion.OUTPUT).isEmpty()
        == Setting.given(arguments, DRAFT).isEmpty()) {
      throw InvalidRequestException.of(
          "import",
          "either " + Conversion.OUTPUT + " or " + DRAFT,
          Setting.given(arguments, Conversion.OUTPUT).isEmpty() ? "neither" : "both",
          "Name the checkpoint, or the draft of a mapping.");
    }
    Wiring wiring = Wiring.of(config);
    TorchWeights weights = TorchWeights.read(Path.of(Setting.given(arguments, FROM).orElseThrow()));
    if (arguments.hasMatchedOption(DATASET) || arguments.hasMatchedOption("--config")) {
      refuse(arguments, INPUT, OUTPUTS);
      try (Dataset dataset =
          wiring.load(config.dataset().request(Precision.FLOAT32, DatasetRequest.Use.TRAIN))) {
        Shape sample = dataset.schema().sample();
        ModelSpec spec =
            config.model().spec(wiring.extensions(), sample, dataset.schema().target().outputs());
        Preprocessing preprocessing = normalized(arguments, dataset.preprocessing(), sample);
        finish(arguments, weights, spec, Optional.of(preprocessing));
      }
      return 0;
    }
    refuse(arguments, MEAN, STD);
    ModelSpec spec =
        config
            .model()
            .spec(
                wiring.extensions(),
                shape(required(arguments, INPUT)),
                Conversion.count(OUTPUTS, required(arguments, OUTPUTS)));
    finish(arguments, weights, spec, Optional.empty());
    return 0;
  }

  private static String required(ParseResult arguments, String option) {
    return Setting.given(arguments, option)
        .orElseThrow(
            () ->
                InvalidRequestException.of(
                    "import",
                    DATASET + " and what it needs, or " + INPUT + " and " + OUTPUTS,
                    "no " + option,
                    "Say what the model takes and gives."));
  }

  private static void refuse(ParseResult arguments, String... options) {
    for (String option : options) {
      if (arguments.hasMatchedOption(option)) {
        throw InvalidRequestException.of(
            option,
            option.equals(INPUT) || option.equals(OUTPUTS) ? "no " + DATASET : "a " + DATASET,
            arguments.hasMatchedOption(DATASET) ? "both" : "none",
            "The dataset says shape, classes and scaling.");
      }
    }
  }

  private static Shape shape(String text) {
    try {
      List<Integer> sizes = Arrays.stream(text.split("x", -1)).map(Integer::valueOf).toList();
      if (sizes.size() <= 3 && sizes.stream().allMatch(size -> size > 0)) {
        return new Shape(sizes);
      }
    } catch (IllegalArgumentException e) {
      // No numbers, or too large; refused below, with what was typed.
    }
    throw InvalidRequestException.of(
        INPUT, "a shape such as 784 or 3x32x32", "'" + text + "'", "Correct it.");
  }

  /** Returns the scaling of the data, with channels or features normalized where that is said. */
  private static Preprocessing normalized(ParseResult arguments, Preprocessing data, Shape sample) {
    Optional<String> mean = Setting.given(arguments, MEAN);
    Optional<String> std = Setting.given(arguments, STD);
    if (mean.isEmpty() && std.isEmpty()) {
      return data;
    }
    int each = sample.dimension(0);
    double unit = data.scaling() == Scaling.UNIT ? WHITE : 1;
    List<Double> means = perFeature(MEAN, mean.orElse(""), each, sample.size(), unit);
    List<Double> deviations = perFeature(STD, std.orElse(""), each, sample.size(), unit);
    if (deviations.stream().anyMatch(number -> number <= 0)) {
      throw InvalidRequestException.of(
          STD, "numbers above 0", std.orElse(""), "Correct the numbers.");
    }
    return data.withFeatures(Scaling.STANDARDISE, data.fill(), means, deviations);
  }

  private static List<Double> perFeature(
      String option, String text, int each, int features, double unit) {
    String[] numbers = text.split(",", -1);
    if (numbers.length != each) {
      throw InvalidRequestException.of(
          option,
          each + " numbers, one for each channel or feature",
          "'" + text + "'",
          "Separate the numbers by commas.");
    }
    var all = new ArrayList<Double>();
    for (String number : numbers) {
      double value = Conversion.number(option, number);
      if (!(Math.abs(value) < Double.POSITIVE_INFINITY)) {
        throw InvalidRequestException.of(
            option, "finite numbers", "'" + text + "'", "Correct the numbers.");
      }
      for (int i = 0; i < features / each; i++) {
        all.add(unit * value);
      }
    }
    return all;
  }

  private static void finish(
      ParseResult arguments,
      TorchWeights weights,
      ModelSpec spec,
      Optional<Preprocessing> preprocessing) {
    var inference = new MappingInference(spec, weights);
    Optional<String> draft = Setting.given(arguments, DRAFT);
    if (draft.isPresent()) {
      AtomicFile.write(Path.of(draft.get()), inference.draft());
      System.out.print(inference.draft());
      return;
    }
    Optional<Path> given = Setting.given(arguments, MAPPING).map(Path::of);
    TensorMapping mapping =
        given.map(file -> TensorMapping.read(file, spec)).orElseGet(inference::infer);
    TrainedModel model = TrainedModel.imported(weights.model(spec, mapping), preprocessing);
    if (given.isEmpty()) {
      System.err.println("inferred from names and shapes:");
      mapping.names().forEach((ours, theirs) -> System.err.println("  " + ours + " = " + theirs));
    }
    Conversion.write(arguments, model);
  }
}
