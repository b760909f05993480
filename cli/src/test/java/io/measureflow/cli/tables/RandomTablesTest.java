package io.measureflow.cli.tables;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.fuzzing.RandomTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random tables train, evaluate and predict with finite numbers, or are refused with a proper
 * message, in time. Runs are short by default; {@code -Dfuzz.inputs=2000} makes them long, as for
 * the fuzz tests of files: a fortieth of the inputs. {@link #main} runs without Maven.
 */
class RandomTablesTest {

  private static final int INPUTS_PER_TABLE = 40;
  private static final int TABLES =
      Math.max(20, Integer.getInteger("fuzz.inputs", 700) / INPUTS_PER_TABLE);
  private static final long SEED = Long.getLong("fuzz.seed", 1);
  private static final int SECONDS = 120;

  @TempDir Path folder;

  @Test
  void randomTablesTrainOrAreRefused() throws IOException {
    var faults = new ArrayList<String>();
    for (int i = 0; i < TABLES; i++) {
      faults.addAll(faults(SEED * 1_000_000 + i, folder).stream().toList());
    }
    assertTrue(faults.isEmpty(), () -> String.join("\n", faults));
  }

  private static List<String> faults(long seed, Path folder) throws IOException {
    TableTrial.Outcome outcome = trial(RandomTable.of(seed), folder);
    return outcome.fault().isEmpty() ? List.of() : List.of("seed " + seed + ": " + outcome.fault());
  }

  /** A trial with an end: one that hangs is left behind on its daemon thread. */
  private static TableTrial.Outcome trial(RandomTable table, Path parent) throws IOException {
    Path folder = parent.resolve("table-" + table.seed());
    var outcome = new CompletableFuture<TableTrial.Outcome>();
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .start(
                () -> {
                  try {
                    outcome.complete(new TableTrial(table, folder).run());
                  } catch (Throwable e) {
                    outcome.completeExceptionally(e);
                  }
                });
    try {
      return outcome.get(SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      return new TableTrial.Outcome(
          false, "", "hangs at " + List.of(thread.getStackTrace()).toString());
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException("table " + table.seed(), e);
    } finally {
      delete(folder);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /**
   * Runs for longer, and prints each fault and a summary.
   *
   * @param args the number of tables and the first seed
   */
  public static void main(String[] args) throws IOException {
    int count = Integer.parseInt(args[0]);
    long first = Long.parseLong(args[1]);
    Path folder = Files.createTempDirectory("tables");
    var refusals = new TreeMap<String, Integer>();
    int trained = 0;
    int faults = 0;
    double slowest = 0;
    long begin = System.nanoTime();
    for (long seed = first; seed < first + count; seed++) {
      RandomTable table = RandomTable.of(seed);
      long start = System.nanoTime();
      TableTrial.Outcome outcome = trial(table, folder);
      double seconds = (System.nanoTime() - start) * 1e-9;
      slowest = Math.max(slowest, seconds);
      trained += outcome.trained() ? 1 : 0;
      if (!outcome.refusal().isEmpty()) {
        refusals.merge(kind(outcome.refusal()), 1, Integer::sum);
      }
      if (!outcome.fault().isEmpty()) {
        faults++;
        System.out.println(
            "seed "
                + seed
                + " ("
                + table.rows()
                + " x "
                + table.columns()
                + "; "
                + table.about()
                + "; "
                + String.join(" ", table.options())
                + "): "
                + outcome.fault()
                + "\n");
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%d tables from seed %d in %.0f s, slowest %.1f s: %d trained, %d refused, %d faults%n",
        count,
        first,
        (System.nanoTime() - begin) * 1e-9,
        slowest,
        trained,
        count - trained,
        faults);
    refusals.forEach((kind, times) -> System.out.println(times + " x " + kind));
    System.exit(0); // A hanging thread would keep the process alive.
  }

  /** The message without the names and numbers in it. */
  private static String kind(String message) {
    return message
        .replaceFirst("measureflow: error: \\S+", "FILE")
        .replaceAll("(?s)\"[^\"]*\"|'[^']*'", "X")
        .replaceAll("-?\\d[\\d.E+-]*", "N");
  }
}
