package io.measureflow.benchmarks;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.MeasureFlowException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.benchmarks.report.PeerTimes;
import io.measureflow.benchmarks.report.PerformanceText;
import io.measureflow.benchmarks.report.ReadingsFile;
import io.measureflow.benchmarks.report.ReportOptions;
import io.measureflow.benchmarks.report.Results;
import io.measureflow.benchmarks.report.Roofline;
import io.measureflow.benchmarks.report.StepMeasurement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Measures the training step of a mixture layer for four families and four numbers of components,
 * with one thread and with all, against what the machine can do in the same minute: the best
 * product of matrices, and the bandwidth of the memory. It writes the raw numbers ({@code
 * steps.csv}), a report ({@code performance.md}) and a picture ({@code roofline.png}).
 *
 * <pre>
 * java --add-modules jdk.incubator.vector --add-opens=java.base/java.nio=ALL-UNNAMED \
 *     --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
 *     -cp 'benchmarks/target/benchmarks.jar:benchmarks/target/lib/*' \
 *     io.measureflow.benchmarks.PerformanceReport --out DIR [--peer FILE]
 * </pre>
 *
 * <p>{@code --redraw DIR} makes the last two again from the first, and {@code --help} names all
 * options. Nothing else should run on the machine.
 */
public final class PerformanceReport {

  private static final String READINGS = "steps.csv";
  private static final String REPORT = "performance.md";
  private static final String PICTURE = "roofline.png";

  private PerformanceReport() {}

  /** Measures and reports. */
  public static void main(String[] args) {
    if (List.of(args).contains("--help")) {
      System.out.print(ReportOptions.USAGE);
      return;
    }
    // Plots are drawn on machines without a display too.
    System.setProperty("java.awt.headless", "true");
    try {
      run(ReportOptions.parse(List.of(args)));
    } catch (MeasureFlowException e) {
      System.err.println("performance report: error: " + e.getMessage());
      System.exit(e.exitCode());
    }
  }

  private static void run(ReportOptions options) {
    // First: after minutes of measuring, a mistake in this file would be a pity.
    Optional<PeerTimes> peer = options.peer().map(PeerTimes::read);
    Path readings = options.folder().resolve(READINGS);
    if (!options.redraw()) {
      makeFolder(options.folder());
      StepMeasurement.run(options, readings);
    }
    // From the file in either case, so that drawing it again gives the same report.
    ReadingsFile file = ReadingsFile.read(readings);
    var results = new Results(file.readings());
    AtomicFile.write(
        options.folder().resolve(REPORT), PerformanceText.of(file.about(), results, peer, PICTURE));
    AtomicFile.write(options.folder().resolve(PICTURE), Roofline.png(results));
  }

  private static void makeFolder(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new InvalidRequestException(
          "--out: expected a folder that is there or can be made, found "
              + folder
              + ", which cannot ("
              + AtomicFile.reason(e)
              + "). Choose another.",
          e);
    }
  }
}
