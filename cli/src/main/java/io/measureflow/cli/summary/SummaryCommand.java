package io.measureflow.cli.summary;

import io.measureflow.TrainedModel;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import io.measureflow.cli.command.Command;
import io.measureflow.cli.command.Setting;
import io.measureflow.cli.command.Wiring;
import io.measureflow.cli.run.RunFolder;
import io.measureflow.cli.run.RunStart;
import io.measureflow.cli.terminal.Text;
import io.measureflow.config.RunConfig;
import io.measureflow.core.layers.ResidualLayer;
import io.measureflow.core.model.Model;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code measureflow summary}. */
public final class SummaryCommand implements Command {

  private static final int BATCH = 128;
  private static final List<String> HEADER =
      List.of("layer", "what", "output", "parameters", "operations");

  @Override
  public String name() {
    return "summary";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.usageMessage()
        .description(
            "Prints the layers of a model: shapes of their outputs, parameters, and floating-point"
                + " operations for one sample. Shapes follow from the dataset (by default the"
                + " built-in digits).",
            "",
            "  measureflow summary --model gm-lenet",
            "  measureflow summary --layers conv:3x3:16,max-pool:2,dense --dataset cifar10"
                + " --data DIR",
            "  measureflow summary RUN");
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("RUN")
            .type(Path.class)
            .arity("0..1")
            .index("0")
            .description("A run folder or a checkpoint, in place of the options below.")
            .build());
    Setting.addGroup(spec, "Model:", 1, Setting.MODEL);
    Setting.addGroup(spec, "Data:", 2, Setting.DATA);
    Setting.addConfiguration(spec, 3);
  }

  @Override
  public int run(ParseResult arguments) {
    Path file = arguments.matchedPositionalValue(0, null);
    RunConfig config =
        Setting.configuration(
            arguments, Stream.concat(Setting.MODEL.stream(), Setting.DATA.stream()).toList());
    Wiring wiring = Wiring.of(config);
    if (file != null) {
      if (config.modelGiven()) {
        throw InvalidRequestException.of(
            "summary", "either a run or the options of a model", "both", "Leave one of them out.");
      }
      print(
          TrainedModel.load(RunFolder.checkpoint("summary", file), wiring.extensions())
              .model()
              .spec());
      return 0;
    }
    try (Dataset dataset =
        wiring.load(config.dataset().request(Precision.FLOAT32, DatasetRequest.Use.TRAIN))) {
      RunConfig completed =
          config.completed(
              wiring.extensions(),
              dataset.train().rows(),
              dataset.preprocessing(),
              dataset.schema().sample());
      print(RunStart.model(completed, wiring.extensions(), dataset));
    }
    return 0;
  }

  /** A line of the table. */
  private record Line(String path, String what, Shape output, long parameters, double operations) {}

  /** Prints the layers of a model, and their sums. */
  public static void print(ModelSpec model) {
    var lines = new ArrayList<Line>();
    add("layers", model.input(), model.layers(), "", lines);
    var cells = new ArrayList<List<String>>();
    cells.add(HEADER);
    cells.add(List.of("", "input", shape(model.input()), "", ""));
    for (Line line : lines) {
      cells.add(
          List.of(
              line.path,
              line.what,
              shape(line.output),
              line.parameters == 0 ? "" : Text.count((double) line.parameters),
              Text.count(line.operations)));
    }
    table(cells);
    long parameters = Model.parameterCount(model.byPath().values());
    List<Line> outer = lines.stream().filter(line -> !line.path.startsWith(" ")).toList();
    double operations = outer.stream().mapToDouble(Line::operations).sum();
    double outputs = outer.stream().mapToDouble(line -> line.output.size()).sum();
    System.out.printf(
        Locale.ROOT,
        "%nparameters   %s (%.1f MB)%noperations   %s million a sample%noutputs      %.1f MB of all"
            + " layers for %d samples%n",
        Text.count((double) parameters),
        parameters * 4e-6,
        String.format(Locale.ROOT, "%.2f", operations * 1e-6),
        outputs * 4e-6 * BATCH,
        BATCH);
  }

  private static void add(
      String path, Shape input, List<Layer> layers, String indent, List<Line> lines) {
    Shape shape = input;
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      Shape output = layer.outputShape(shape);
      lines.add(
          new Line(
              indent + path + "." + i,
              what(layer),
              output,
              Model.parameterCount(List.of(layer)),
              Operations.of(layer, shape)));
      if (layer instanceof ResidualLayer(List<Layer> body, List<Layer> shortcut)) {
        add("layers", shape, body, indent + "  ", lines);
        add("shortcut", shape, shortcut, indent + "  ", lines);
      }
      shape = output;
    }
  }

  /** Returns the summary of a layer, which begins with its type here. */
  private static String what(Layer layer) {
    String summary = layer.summary();
    return summary.startsWith(layer.type()) ? summary : layer.type() + " " + summary;
  }

  private static String shape(Shape shape) {
    return shape.dimensions().stream().map(String::valueOf).collect(Collectors.joining("x"));
  }

  /** Prints cells in columns, numbers to the right. */
  private static void table(List<List<String>> cells) {
    int[] widths = new int[HEADER.size()];
    for (List<String> row : cells) {
      for (int j = 0; j < widths.length; j++) {
        widths[j] = Math.max(widths[j], row.get(j).length());
      }
    }
    for (List<String> row : cells) {
      var line = new StringBuilder();
      for (int j = 0; j < widths.length; j++) {
        String format = "%" + (j < 3 ? "-" : "") + widths[j] + "s  ";
        line.append(String.format(Locale.ROOT, format, row.get(j)));
      }
      System.out.println(line.toString().stripTrailing());
    }
  }
}
