package io.measureflow.datasets.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.datasets.io.Notices;
import io.measureflow.datasets.testing.ArrowAllocations;
import io.measureflow.fuzzing.FuzzReport;
import io.measureflow.fuzzing.FuzzTarget;
import io.measureflow.fuzzing.Fuzzer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Mutated files are either read or refused. Runs are short by default; {@code -Dfuzz.inputs=100000}
 * makes them long, {@code -Dfuzz.seed} changes the seed, and {@link #main} runs without Maven.
 */
class LoaderFuzzTest {

  private static final int INPUTS = Integer.getInteger("fuzz.inputs", 700);
  private static final long SEED = Long.getLong("fuzz.seed", 1);

  /**
   * A byte may expand to 1032 in gzip and to far more in zstd, each pixel takes four bytes, and
   * readers have buffers of fixed size.
   */
  private static final Fuzzer.Limits LIMITS =
      new Fuzzer.Limits(Duration.ofSeconds(20), 48 << 20, 1 << 13);

  private static final Path FOUND = Path.of("src", "test", "resources", "fuzz");

  @TempDir Path folder;

  static List<FuzzTarget> targets() {
    return FuzzTargets.all();
  }

  /** Silenced, as left-out rows would be logged for each input. */
  private static final Logger LOG = Logger.getLogger(Notices.class.getName());

  @BeforeAll
  static void beQuiet() {
    // Its level stays, for tests beside this one that listen.
    LOG.setUseParentHandlers(false);
  }

  private static Fuzzer fuzzer(Path folder) {
    return new Fuzzer(folder, ArrowAllocations.meter(), LIMITS);
  }

  @ParameterizedTest
  @MethodSource("targets")
  void mutatedFilesAreReadOrRefused(FuzzTarget target) {
    FuzzReport report = fuzzer(folder).run(target, SEED, INPUTS);
    assertTrue(report.findings().isEmpty(), report::details);
  }

  /** Inputs that once caused failures. */
  @ParameterizedTest
  @MethodSource("targets")
  void formerFailuresStayFixed(FuzzTarget target) throws IOException {
    var inputs = new ArrayList<byte[]>();
    Path found = FOUND.resolve(target.name());
    if (Files.isDirectory(found)) {
      try (Stream<Path> files = Files.list(found)) {
        for (Path file : files.sorted().toList()) {
          inputs.add(Files.readAllBytes(file));
        }
      }
    }
    FuzzReport report = fuzzer(folder).replay(target, inputs);
    assertTrue(report.findings().isEmpty(), report::details);
  }

  /**
   * Runs for longer.
   *
   * @param args the number of inputs, the seed, a folder for findings, and the targets, or none for
   *     all
   */
  public static void main(String[] args) throws IOException {
    Path folder = Files.createTempDirectory("fuzz");
    beQuiet();
    Path found = Path.of(args[2]);
    List<String> names = List.of(args).subList(3, args.length);
    for (FuzzTarget target : targets()) {
      if (names.isEmpty() || names.contains(target.name())) {
        FuzzReport report =
            fuzzer(folder).run(target, Long.parseLong(args[1]), Integer.parseInt(args[0]));
        report.save(found);
        System.out.println(report.summary());
      }
    }
    System.exit(0); // A hanging thread would keep the process alive.
  }
}
