package io.measureflow.cli.experiment;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.cli.command.Command;
import io.measureflow.cli.command.Setting;
import io.measureflow.cli.run.MetricsFile;
import io.measureflow.plots.Figure;
import io.measureflow.plots.LinePlot;
import java.awt.Color;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code measureflow plot}. */
public final class PlotCommand implements Command {

  private static final String OUTPUT = "--output";
  private static final String DEFAULT_OUTPUT = "comparison.png";
  private static final String ACCURACY = "accuracy in per cent";
  private static final int WIDTH = 760;
  private static final int HEIGHT = 520;

  @Override
  public String name() {
    return "plot";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.usageMessage()
        .description(
            "Compares runs: draws their losses and accuracies over the epochs into one PNG file.",
            "",
            "  measureflow plot runs/first runs/second --output comparison.png");
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("RUN")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .arity("1..*")
            .index("0..*")
            .description(
                "Run folders, at most "
                    + LinePlot.COLORS.size()
                    + ". Each needs a metrics.csv; the run need not have ended.")
            .build());
    spec.addOption(
        Setting.option(OUTPUT, "FILE", "The PNG file. Default: " + DEFAULT_OUTPUT + ".").build());
  }

  /** A quantity that is drawn for each run. */
  private record Quantity(String title, String axis, ToDoubleFunction<MetricsFile.Row> value) {}

  @Override
  public int run(ParseResult arguments) {
    List<String> names = arguments.matchedPositionalValue(0, List.of());
    Path file = Path.of(Setting.given(arguments, OUTPUT).orElse(DEFAULT_OUTPUT));
    requirePlace(file);
    byte[] png = draw(runs(names));
    AtomicFile.write(file, png);
    System.out.println(file);
    return 0;
  }

  private static void requirePlace(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder) || !Files.isWritable(folder)) {
      throw InvalidRequestException.of(
          OUTPUT + " " + file,
          "a file in a folder that can be written",
          folder == null || !Files.exists(folder)
              ? "no such folder"
              : Files.isDirectory(folder) ? "a folder that is read-only" : "a file in its place",
          "Choose another name.");
    }
  }

  /** Returns the epochs of each run, by a name that distinguishes it from the others. */
  private static SequencedMap<String, List<MetricsFile.Row>> runs(List<String> names) {
    if (names.size() > LinePlot.COLORS.size()) {
      throw InvalidRequestException.of(
          "plot",
          "at most " + LinePlot.COLORS.size() + " runs, one per color",
          String.valueOf(names.size()),
          "Name fewer.");
    }
    var runs = new LinkedHashMap<String, List<MetricsFile.Row>>();
    var folders = new HashSet<Path>();
    for (String name : names) {
      Path path = Path.of(name).toAbsolutePath().normalize();
      if (!folders.add(path)) {
        throw InvalidRequestException.of(
            "plot", "each run once", "'" + name + "' twice", "Name it once.");
      }
      List<MetricsFile.Row> rows = MetricsFile.read(Path.of(name));
      String label = String.valueOf(path.getFileName());
      runs.put(runs.containsKey(label) ? path.toString() : label, rows);
    }
    return runs;
  }

  private static byte[] draw(SequencedMap<String, List<MetricsFile.Row>> runs) {
    // Loss and accuracy of the same rows stand side by side.
    List<Quantity> quantities =
        List.of(
            new Quantity("training loss", "loss", MetricsFile.Row::trainLoss),
            new Quantity("training accuracy", ACCURACY, row -> 100 * row.trainAccuracy()),
            new Quantity("validation loss", "loss", MetricsFile.Row::validationLoss),
            new Quantity("validation accuracy", ACCURACY, row -> 100 * row.validationAccuracy()),
            new Quantity("test loss", "loss", MetricsFile.Row::testLoss),
            new Quantity("test accuracy", ACCURACY, row -> 100 * row.testAccuracy()));
    var plots = new ArrayList<LinePlot>();
    for (Quantity quantity : quantities) {
      LinePlot plot =
          new LinePlot(WIDTH, HEIGHT, quantity.title(), "epoch", quantity.axis())
              .wholeNumbersOnX()
              .legend(
                  quantity.axis().equals("loss")
                      ? LinePlot.Legend.NORTH_EAST
                      : LinePlot.Legend.SOUTH_EAST);
      if (quantity.axis().equals("loss")) {
        plot.automaticY();
      }
      int next = 0;
      for (var run : runs.entrySet()) {
        Color color = LinePlot.COLORS.get(next++);
        plot.line(
            run.getKey(),
            run.getValue().stream().mapToDouble(MetricsFile.Row::epoch).toArray(),
            run.getValue().stream().mapToDouble(quantity.value()).toArray(),
            color);
      }
      if (!plot.isEmpty()) {
        plots.add(plot);
      }
    }
    return Figure.png(plots, 2);
  }
}
