package io.measureflow.cli.tables;

import io.measureflow.cli.CommandLineRun;
import io.measureflow.fuzzing.RandomTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Trains on a random table as a user would, then evaluates and predicts on it. Whatever the table,
 * a command succeeds with finite numbers, or is refused with a message that says what was expected,
 * what was found, and what to do.
 */
final class TableTrial {

  /** expected ..., found ... . What to do. */
  private static final Pattern PROPER =
      Pattern.compile(
          "measureflow: error: .*\\bexpected .*\\bfound .*\\. [A-Z][^.]*.*", Pattern.DOTALL);

  private static final Pattern JAVA =
      Pattern.compile(
          "Exception|\\bunexpected \\w*Error|bug in measureflow|\tat |java\\.|: null\\b");

  private static final Pattern NOT_FINITE = Pattern.compile("\\b(NaN|[Ii]nf(inity)?)\\b");
  private static final int WRONG_REQUEST = 2;

  /**
   * How a trial ended.
   *
   * @param trained whether the table was trained on
   * @param refusal the message where it was not; empty if it was
   * @param fault what must not happen; empty if it did not
   */
  record Outcome(boolean trained, String refusal, String fault) {}

  private final RandomTable table;
  private final Path folder;

  TableTrial(RandomTable table, Path folder) {
    this.table = table;
    this.folder = folder;
  }

  /** Runs the commands. */
  Outcome run() throws IOException {
    Path run = folder.resolve("run");
    Path file = folder.resolve("table.csv");
    Files.createDirectories(folder);
    Files.write(file, table.csv());
    var options = new ArrayList<>(table.options());
    String format = "csv";
    // Columns of a file without a header have numbers, not names, in other formats.
    if (table.seed() % 5 == 0 && !options.contains("--header")) {
      format = table.seed() % 2 == 0 ? "parquet" : "arrow";
      Path converted = folder.resolve("table." + format);
      CommandLineRun conversion =
          CommandLineRun.of(
              "datasets",
              "convert",
              "csv",
              "--data",
              file,
              "--label",
              options.get(options.indexOf("--label") + 1),
              "--output",
              converted);
      if (conversion.exitCode() != 0) {
        return refused("convert", conversion);
      }
      file = converted;
    }
    var arguments =
        new ArrayList<Object>(List.of("train", "--dataset", format, "--data", file, "--out", run));
    arguments.addAll(options);
    arguments.addAll(List.of("--epochs", "3", "--components", "8"));
    CommandLineRun training = CommandLineRun.of(arguments.toArray());
    if (training.exitCode() != 0) {
      return refused("train", training);
    }
    String fault = fault("train", training);
    if (fault.isEmpty()) {
      fault = notFinite("metrics.json", Files.readString(run.resolve("metrics.json")));
    }
    if (fault.isEmpty()) {
      CommandLineRun evaluation = CommandLineRun.of("evaluate", "--model", run);
      fault =
          evaluation.exitCode() == 0
              ? fault("evaluate", evaluation)
              : "evaluate after training: " + evaluation.err();
    }
    return new Outcome(true, "", fault.isEmpty() ? predict(run, file, format, options) : fault);
  }

  private String predict(Path run, Path file, String format, List<String> options)
      throws IOException {
    Path predictions = folder.resolve("predictions.csv");
    var arguments =
        new ArrayList<Object>(
            List.of(
                "predict",
                "--model",
                run,
                "--dataset",
                format,
                "--data",
                file,
                "--columns",
                "outputs,prediction",
                "--output",
                predictions));
    for (String option : List.of("--header", "--missing", "--label")) {
      int at = options.indexOf(option);
      if (at >= 0) {
        arguments.addAll(List.of(option, options.get(at + 1)));
      }
    }
    CommandLineRun prediction = CommandLineRun.of(arguments.toArray());
    if (prediction.exitCode() != 0) {
      // Where rows with missing values are dropped, there would be no prediction for each.
      String fault = refused("predict", prediction).fault();
      return fault.isEmpty() && !options.contains("drop")
          ? "predict after training: " + prediction.err()
          : fault;
    }
    List<String> lines = Files.readAllLines(predictions);
    if (lines.size() < 2) {
      return "predict: no predictions";
    }
    int outputs =
        (int)
            List.of(lines.getFirst().split(",")).stream()
                .filter(name -> name.matches("y\\d+"))
                .count();
    // A name of a class may contain anything, and stands last.
    for (String line : lines.subList(1, lines.size())) {
      String[] cells = line.split(",", -1);
      for (int j = 0; j < Math.min(outputs, cells.length); j++) {
        if (cells[j].matches("-?[\\d.E-]+") && !(Math.abs(Double.parseDouble(cells[j])) < 1e300)) {
          return "predict: " + line;
        }
      }
      if (NOT_FINITE.matcher(line).find()) {
        return "predict: " + line;
      }
    }
    return fault("predict", prediction);
  }

  private static Outcome refused(String command, CommandLineRun run) {
    String error =
        String.join(
            "\n",
            run.err().lines().dropWhile(line -> !line.contains("measureflow: error")).toList());
    boolean proper =
        run.exitCode() == WRONG_REQUEST
            && PROPER.matcher(error).matches()
            && !JAVA.matcher(error).find();
    return new Outcome(
        false,
        error,
        proper ? "" : command + " ended with " + run.exitCode() + ": " + run.err().strip());
  }

  private static String fault(String command, CommandLineRun run) {
    String text = run.out() + run.err();
    return JAVA.matcher(text).find() || NOT_FINITE.matcher(text).find()
        ? command + " printed: " + text
        : "";
  }

  private static String notFinite(String where, String text) {
    return NOT_FINITE.matcher(text).find() ? where + ": " + text : "";
  }
}
