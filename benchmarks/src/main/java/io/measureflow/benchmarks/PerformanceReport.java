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
 * Times the training step of a mixture layer for four families and four numbers of components, with
 * one thread and with all, and compares it with what the machine can do in the same minute: its
 * best matrix product and its memory bandwidth. Writes the readings ({@code steps.csv}), a report
 * ({@code performance.md}) and a plot ({@code roofline.png}).
 *
 * <pre>
 * java --add-modules jdk.incubator.vector --add-opens=java.base/java.nio=ALL-UNNAMED \
 *     --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
 *     -cp 'benchmarks/target/benchmarks.jar:benchmarks/target/lib/*' \
 *     io.measureflow.benchmarks.PerformanceReport --out DIR [--peer FILE]
 * </pre>
 *
 * <p>{@code --redraw DIR} rewrites the report and the plot from the readings; {@code --help} lists
 * all options. Nothing else should run on the machine.
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
    // Allows plots on machines without a display.
    System.setProperty("java.awt.headless", "true");
    try {
      run(ReportOptions.parse(List.of(args)));
    } catch (MeasureFlowException e) {
      System.err.println("performance report: error: " + e.getMessage());
      System.exit(e.exitCode());
    }
  }

  private static void run(ReportOptions options) {
    // Read first, so that a mistake in this file does not surface after minutes of measuring.
    Optional<PeerTimes> peer = options.peer().map(PeerTimes::read);
    Path readings = options.folder().resolve(READINGS);
    if (!options.redraw()) {
      makeFolder(options.folder());
      StepMeasurement.run(options, readings);
    }
    // Read from the file in either case, so that --redraw gives the same report.
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
          "--out: expected a folder that exists or can be created, found "
              + folder
              + ", which cannot be created ("
              + AtomicFile.reason(e)
              + "). Choose another folder.",
          e);
    }
  }
}
