package io.measureflow.experiments.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.experiments.report.Report;
import io.measureflow.experiments.request.Request;
import io.measureflow.experiments.request.Scale;
import io.measureflow.experiments.results.Measured;
import io.measureflow.experiments.results.Results;
import io.measureflow.experiments.results.Run;
import io.measureflow.experiments.testing.Clouds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionTest {

  @TempDir Path folder;

  @BeforeEach
  void data() throws IOException {
    Files.createDirectories(folder.resolve("data/clouds"));
  }

  /** Squares of numbers, and then the square of the largest of them: runs that depend on others. */
  static final class Squares implements Experiment {

    final List<String> performed = new ArrayList<>();
    private final int runs;
    private final int failAt;
    private final int milliseconds;

    Squares(int runs, int failAt, int milliseconds) {
      this.runs = runs;
      this.failAt = failAt;
      this.milliseconds = milliseconds;
    }

    @Override
    public String name() {
      return "squares";
    }

    @Override
    public String title() {
      return "Squares of <numbers>";
    }

    @Override
    public List<String> settings() {
      return List.of("dataset", "stage", "number");
    }

    @Override
    public List<String> measurements() {
      return List.of("part", "square");
    }

    @Override
    public List<String> datasets() {
      return List.of("clouds");
    }

    @Override
    public List<Run> plan(Results done) {
      var plan = new ArrayList<Run>();
      for (int i = 1; i <= runs; i++) {
        plan.add(Run.of(i, "dataset", "clouds", "stage", "first", "number", i));
      }
      Results first = done.of(plan, settings());
      if (first.keys(settings()).size() == runs) {
        double largest = 0;
        for (double square : first.numbers("square")) {
          largest = Math.max(largest, square);
        }
        plan.add(Run.of(1, "dataset", "clouds", "stage", "second", "number", largest));
      }
      return plan;
    }

    @Override
    public List<Measured> perform(Run run, Laboratory laboratory) {
      performed.add(run.key());
      try {
        Thread.sleep(milliseconds);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      if (performed.size() == failAt) {
        throw new RunFailedException("the power is gone");
      }
      double number = run.number("number");
      return List.of(
          new Measured().put("part", 1).put("square", number),
          new Measured().put("part", 2).put("square", number * number));
    }

    @Override
    public String brief(List<Measured> result) {
      return "done";
    }

    @Override
    public void report(Results results, Report report) {
      report.paragraph("The last square is " + results.rows().getLast().text("square") + ".");
    }
  }

  static Request request(Path folder, Optional<String> only) {
    return new Request(
        "squares", Scale.QUICK, folder.resolve("data"), folder.resolve("out"), only, "a command");
  }

  private Path run(Experiment experiment) {
    return new Session(experiment, request(folder, Optional.empty()), Clouds.environment("abc"))
        .run();
  }

  /** The rows of the results without what differs by time and call. */
  private List<List<String>> rows(Path out) throws IOException {
    return Files.readAllLines(out.resolve("squares.csv")).stream()
        .map(line -> line.split(",", -1))
        .map(fields -> List.of(fields).subList(0, fields.length - 2))
        .toList();
  }

  @Test
  void runsThatDependOnOthersFollowThem() throws IOException {
    var squares = new Squares(3, 0, 0);
    Path report = run(squares);
    assertEquals(
        List.of(
            "dataset=clouds stage=first number=1 seed=1",
            "dataset=clouds stage=first number=2 seed=2",
            "dataset=clouds stage=first number=3 seed=3",
            "dataset=clouds stage=second number=9 seed=1"),
        squares.performed);
    assertTrue(Files.readString(report).contains("The last square is 81."));
  }

  @Test
  void aStoppedExperimentGoesOnAndRepeatsNothing() throws IOException {
    var whole = new Squares(6, 0, 0);
    run(whole);
    List<List<String>> expected = rows(folder.resolve("out"));

    Path other = folder.resolve("other");
    Files.createDirectories(other.resolve("data/clouds"));
    var stopped = new Squares(6, 4, 0);
    var session = new Session(stopped, request(other, Optional.empty()), Clouds.environment("abc"));
    assertThrows(RunFailedException.class, session::run);
    assertEquals(1 + 2 * 3, rows(other.resolve("out")).size());

    var rest = new Squares(6, 0, 0);
    new Session(rest, request(other, Optional.empty()), Clouds.environment("abc")).run();
    assertEquals(whole.performed.subList(3, 7), rest.performed);
    assertEquals(expected, rows(other.resolve("out")));

    // Nothing is left: only the report is written again, for which no data are needed.
    Files.delete(other.resolve("data/clouds"));
    var nothing = new Squares(6, 0, 0);
    new Session(nothing, request(other, Optional.empty()), Clouds.environment("abc")).run();
    assertEquals(List.of(), nothing.performed);
  }

  /** For {@link #aKilledExperimentGoesOn}: does the experiment slowly. */
  public static void main(String[] arguments) {
    new Session(
            new Squares(8, 0, 100),
            request(Path.of(arguments[0]), Optional.empty()),
            Clouds.environment("abc"))
        .run();
  }

  @Test
  void aKilledExperimentGoesOn() throws Exception {
    Path log = folder.resolve("log");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "--add-modules=jdk.incubator.vector",
                "-Dguice_bytecode_gen_option=DISABLED",
                "-cp",
                System.getProperty("java.class.path"),
                SessionTest.class.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    Path csv = folder.resolve("out/squares.csv");
    while (!Files.exists(csv) || Files.readAllLines(csv).size() < 1 + 2 * 3) {
      assertTrue(process.isAlive(), () -> "ended too early, see " + log);
      Thread.sleep(5);
    }
    process.destroyForcibly();
    assertTrue(process.waitFor(30, TimeUnit.SECONDS));
    int done = (Files.readAllLines(csv).size() - 1) / 2;
    assertEquals(1 + 2 * done, Files.readAllLines(csv).size());
    assertFalse(Files.exists(folder.resolve("out/squares.md")));
    // What a writer leaves that is killed while it writes.
    Files.writeString(folder.resolve("out/.squares.csv.1-1.partial"), "half");

    var rest = new Squares(8, 0, 0);
    run(rest);
    assertEquals(9 - done, rest.performed.size());
    List<List<String>> resumed = rows(folder.resolve("out"));

    Path other = folder.resolve("other");
    Files.createDirectories(other.resolve("data/clouds"));
    new Session(new Squares(8, 0, 0), request(other, Optional.empty()), Clouds.environment("abc"))
        .run();
    assertEquals(rows(other.resolve("out")), resumed);
    assertFalse(Files.exists(folder.resolve("out/.squares.csv.1-1.partial")));
  }

  @Test
  void someRunsAloneMakeNoReport() throws IOException {
    var squares = new Squares(3, 0, 0);
    Path written =
        new Session(squares, request(folder, Optional.of("number=2")), Clouds.environment("abc"))
            .run();
    assertEquals(List.of("dataset=clouds stage=first number=2 seed=2"), squares.performed);
    assertEquals(folder.resolve("out/squares.csv"), written);
    assertFalse(Files.exists(folder.resolve("out/squares.md")));
    var none =
        new Session(squares, request(folder, Optional.of("number=7")), Clouds.environment("abc"));
    String message = assertThrows(InvalidRequestException.class, none::run).getMessage();
    assertTrue(message.contains("stage=first number=1 seed=1"), message);
  }

  @Test
  void otherDataAreRefused() {
    run(new Squares(2, 0, 0));
    var more =
        new Session(
            new Squares(3, 0, 0), request(folder, Optional.empty()), Clouds.environment("x"));
    String message = assertThrows(InvalidRequestException.class, more::run).getMessage();
    assertTrue(message.contains("fingerprint abc"), message);
  }

  @Test
  void aFolderInUseIsRefused() {
    try (OutputFolder _ = OutputFolder.open(folder.resolve("out"))) {
      String message =
          assertThrows(InvalidRequestException.class, () -> run(new Squares(1, 0, 0))).getMessage();
      assertTrue(message.contains("no other process"), message);
    }
  }

  @Test
  void resultsOfAnotherVersionAreRefused() throws IOException {
    Files.createDirectories(folder.resolve("out"));
    Files.writeString(folder.resolve("out/squares.csv"), "other,columns\n1,2\n");
    String message =
        assertThrows(InvalidRequestException.class, () -> run(new Squares(1, 0, 0))).getMessage();
    assertTrue(message.contains("other,columns"), message);
    assertEquals("other,columns\n1,2\n", Files.readString(folder.resolve("out/squares.csv")));
  }

  @Test
  void dataThatAreMissingLeaveNothingBehind() throws IOException {
    Files.delete(folder.resolve("data/clouds"));
    String message =
        assertThrows(InvalidRequestException.class, () -> run(new Squares(1, 0, 0))).getMessage();
    assertTrue(message.contains("datasets fetch clouds"), message);
    assertFalse(Files.exists(folder.resolve("out")));
  }

  @Test
  void aPlaceThatCannotBeAFolderIsRefused() throws IOException {
    Files.writeString(folder.resolve("out"), "a file");
    assertThrows(InvalidRequestException.class, () -> run(new Squares(1, 0, 0)));
    assertEquals("a file", Files.readString(folder.resolve("out")));
  }
}
