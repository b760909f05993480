package io.measureflow.cli.run;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.core.training.EpochReport;
import io.measureflow.core.training.FlowReport;
import io.measureflow.core.training.Metrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * The file {@code metrics.csv} of a run: one row per epoch, on the disk before the next one begins.
 */
public final class MetricsFile {

  private static final List<String> COLUMNS =
      List.of(
          "epoch",
          "learning_rate",
          "train_loss",
          "train_accuracy",
          "validation_loss",
          "validation_accuracy",
          "test_loss",
          "test_accuracy",
          "train_rows",
          "train_seconds",
          "evaluation_seconds",
          "energy",
          "energy_decrease",
          "predicted_decrease",
          "path",
          "displacement");

  private final Path file;
  private final List<Row> rows = new ArrayList<>();

  /**
   * One epoch; numbers that were not measured are NaN.
   *
   * @param trainRows the number of rows trained on
   * @param flow statistics of the flow
   */
  public record Row(
      int epoch,
      double learningRate,
      double trainLoss,
      double trainAccuracy,
      double validationLoss,
      double validationAccuracy,
      double testLoss,
      double testAccuracy,
      int trainRows,
      double trainSeconds,
      double evaluationSeconds,
      FlowReport flow) {

    private static final FlowReport NO_FLOW =
        new FlowReport(Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN);

    static Row of(EpochReport report) {
      return new Row(
          report.epoch(),
          report.learningRate(),
          report.train().loss(),
          report.train().accuracy(),
          report.validation().map(Metrics::loss).orElse(Double.NaN),
          report.validation().map(Metrics::accuracy).orElse(Double.NaN),
          report.test().map(Metrics::loss).orElse(Double.NaN),
          report.test().map(Metrics::accuracy).orElse(Double.NaN),
          report.train().rows(),
          report.trainSeconds(),
          report.evaluationSeconds(),
          report.flow().orElse(NO_FLOW));
    }

    /** Whether no loss is negative. */
    public boolean isNeverBelowZero() {
      return !(trainLoss < 0 || validationLoss < 0 || testLoss < 0);
    }

    private static Row parse(String line) {
      String[] fields = line.split(",", -1);
      if (fields.length != COLUMNS.size()) {
        throw new NumberFormatException("expected " + COLUMNS.size() + " fields: " + line);
      }
      double[] numbers = new double[fields.length];
      for (int i = 0; i < fields.length; i++) {
        numbers[i] = fields[i].isEmpty() ? Double.NaN : Double.parseDouble(fields[i]);
      }
      return new Row(
          Integer.parseInt(fields[0]),
          numbers[1],
          numbers[2],
          numbers[3],
          numbers[4],
          numbers[5],
          numbers[6],
          numbers[7],
          Integer.parseInt(fields[8]),
          numbers[9],
          numbers[10],
          new FlowReport(numbers[11], numbers[12], numbers[13], numbers[14], numbers[15]));
    }

    private String line() {
      return String.join(
          ",",
          String.valueOf(epoch),
          number(learningRate),
          number(trainLoss),
          number(trainAccuracy),
          number(validationLoss),
          number(validationAccuracy),
          number(testLoss),
          number(testAccuracy),
          String.valueOf(trainRows),
          number(trainSeconds),
          number(evaluationSeconds),
          number(flow.energy()),
          number(flow.decrease()),
          number(flow.predictedDecrease()),
          number(flow.path()),
          number(flow.displacement()));
    }

    private static String number(double value) {
      return Double.isNaN(value) ? "" : String.valueOf(value);
    }
  }

  private MetricsFile(Path file) {
    this.file = file;
  }

  /**
   * Opens the file of a run that has finished some epochs. Rows of later epochs, and a row that was
   * cut off when the run was killed, are dropped.
   */
  public static MetricsFile open(Path file, int epochsDone) {
    var metrics = new MetricsFile(file);
    if (epochsDone > 0) {
      metrics.read(epochsDone);
    }
    var text = new StringBuilder(String.join(",", COLUMNS)).append('\n');
    metrics.rows.forEach(row -> text.append(row.line()).append('\n'));
    AtomicFile.write(file, text.toString());
    return metrics;
  }

  /**
   * Reads the epochs of a run, as far as its file is complete.
   *
   * @throws InvalidRequestException if there is no such file, or it holds no epoch
   */
  public static List<Row> read(Path run) {
    Path file = new RunFolder(run).metrics();
    var metrics = new MetricsFile(file);
    if (Files.isRegularFile(file)) {
      metrics.readAll(Integer.MAX_VALUE);
    }
    if (metrics.rows.isEmpty()) {
      throw InvalidRequestException.of(
          run.toString(),
          "a run folder, with epochs in its file " + file.getFileName(),
          Files.isRegularFile(file)
              ? "none that could be read"
              : Files.isDirectory(run) ? "a folder without one" : "no such folder",
          "Check the path.");
    }
    return metrics.rows();
  }

  private void read(int epochsDone) {
    readAll(epochsDone);
    if (rows.size() < epochsDone) {
      System.getLogger(MetricsFile.class.getName())
          .log(
              System.Logger.Level.WARNING,
              "{0}: expected the rows of {1} epochs, found {2}; the others are lost",
              file,
              epochsDone,
              rows.size());
    }
  }

  private void readAll(int epochsDone) {
    try {
      for (String line : Files.readAllLines(file).stream().skip(1).toList()) {
        Row row = Row.parse(line);
        if (row.epoch() == rows.size() + 1 && row.epoch() <= epochsDone) {
          rows.add(row);
        }
      }
    } catch (IOException | NumberFormatException e) {
      // The end of the file after a crash; complete rows count.
      System.getLogger(MetricsFile.class.getName())
          .log(System.Logger.Level.DEBUG, "{0} is not complete: {1}", file, e.getMessage());
    }
  }

  /** Adds an epoch. */
  public void append(EpochReport report) {
    Row row = Row.of(report);
    try {
      Files.writeString(
          file, row.line() + "\n", StandardOpenOption.APPEND, StandardOpenOption.SYNC);
    } catch (IOException e) {
      throw new RunFailedException(
          file + ": could not be written: " + AtomicFile.reason(e) + ".", e);
    }
    rows.add(row);
  }

  /** Returns the epochs so far. */
  public List<Row> rows() {
    return Collections.unmodifiableList(rows);
  }

  /** Returns the row of an epoch, if it is known. */
  public Optional<Row> row(int epoch) {
    return rows.stream().filter(row -> row.epoch() == epoch).findFirst();
  }
}
