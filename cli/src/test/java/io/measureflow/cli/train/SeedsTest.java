package io.measureflow.cli.train;

import static io.measureflow.cli.CommandLineRun.assertRefused;
import static io.measureflow.cli.CommandLineRun.assertSuccess;
import static io.measureflow.cli.Fixtures.assertSameTensors;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.measureflow.cli.CommandLineRun;
import io.measureflow.cli.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs with several seeds. */
class SeedsTest {

  @TempDir Path folder;
  private Path out = Path.of("");
  private Path data = Path.of("");

  @BeforeEach
  void data() throws IOException {
    data = Fixtures.clouds(folder.resolve("train.csv"), 120, 1);
    out = folder.resolve("runs");
  }

  private Object[] train(Path to, Object... more) {
    var command =
        new ArrayList<Object>(
            List.of(
                "train",
                "--dataset",
                "csv",
                "--data",
                data,
                "--components",
                4,
                "--epochs",
                2,
                "--split",
                0.3,
                "--out",
                to));
    command.addAll(List.of(more));
    return command.toArray();
  }

  private static JsonNode json(Path file) throws IOException {
    return JsonMapper.builder().build().readTree(file.toFile());
  }

  @Test
  void eachSeedHasARunAndAllHaveAMeanAndADeviation() throws IOException {
    CommandLineRun run = CommandLineRun.of(train(out, "--seeds", "1,2,5"));
    assertSuccess(run);
    assertEquals(
        List.of(".lock", "curves.png", "seed-1", "seed-2", "seed-5", "seeds.json", "settings.conf"),
        Fixtures.files(out));
    JsonNode seeds = json(out.resolve("seeds.json"));
    double[] accuracy = new double[3];
    for (int i = 0; i < 3; i++) {
      long seed = List.of(1L, 2L, 5L).get(i);
      Path own = out.resolve("seed-" + seed);
      // Each is the run of that seed alone, with its own test rows.
      Path alone = folder.resolve("alone-" + seed);
      assertSuccess(CommandLineRun.of(train(alone, "--seed", seed)));
      assertSameTensors(alone.resolve("model.safetensors"), own.resolve("model.safetensors"));
      assertTrue(Files.exists(own.resolve("report.html")));
      accuracy[i] =
          json(own.resolve("metrics.json")).path("classification").path("accuracy").asDouble();
      JsonNode entry = seeds.path("seeds").path(i);
      assertEquals(seed, entry.path("seed").asLong());
      assertEquals("seed-" + seed, entry.path("folder").asText());
      assertEquals(accuracy[i], entry.path("metrics").path("accuracy").asDouble());
    }
    double mean = (accuracy[0] + accuracy[1] + accuracy[2]) / 3;
    double squares = 0;
    for (double each : accuracy) {
      squares += (each - mean) * (each - mean);
    }
    assertEquals("test", seeds.path("part").asText());
    assertEquals(mean, seeds.path("mean").path("accuracy").asDouble(), 1e-12);
    assertEquals(
        Math.sqrt(squares / 2), seeds.path("deviation").path("accuracy").asDouble(), 1e-12);
    assertTrue(run.out().contains("mean "), run.out());
    assertTrue(run.out().contains(String.format(Locale.ROOT, "%.4f", mean)), run.out());
  }

  @Test
  void whatHasEndedIsNotTrainedAgain() throws IOException {
    assertSuccess(CommandLineRun.of(train(out, "--seeds", "1,2")));
    String whole = Files.readString(out.resolve("seeds.json"));
    Path first = out.resolve("seed-1/model.safetensors");
    FileTime before = Files.getLastModifiedTime(first);
    // As a run leaves it that is killed after its last epoch, or before the first.
    Path second = out.resolve("seed-2");
    for (String gone : List.of("report.html", "metrics.json", "model.safetensors")) {
      Files.delete(second.resolve(gone));
    }
    CommandLineRun run = CommandLineRun.of(train(out, "--seeds", "1,2"));
    assertSuccess(run);
    assertTrue(run.err().contains("resuming " + second), run.err());
    assertEquals(whole, Files.readString(out.resolve("seeds.json")));
    run = CommandLineRun.of("train", "--resume", out, "--seeds", "3");
    assertSuccess(run);
    assertEquals(3, json(out.resolve("seeds.json")).path("seeds").size());
    assertEquals(before, Files.getLastModifiedTime(first));

    assertRefused(
        2,
        CommandLineRun.of(train(out, "--seeds", "1,2", "--batch", 16)),
        "other ones",
        "--resume");
    assertRefused(
        2, CommandLineRun.of("train", "--resume", out, "--epochs", 5), "epochs that the runs have");
    assertRefused(2, CommandLineRun.of("train", "--resume", folder, "--seeds", "1"), "seeds.json");
  }

  @Test
  void oneThatDivergesDoesNotStopTheOthers() throws IOException {
    CommandLineRun run =
        CommandLineRun.of(
            train(out, "--seeds", "1,2", "--flow", "wasserstein", "--learning-rate", "1e30"));
    assertEquals(1, run.exitCode(), run.err());
    assertTrue(run.err().contains("Training diverged with the seeds 1, 2 of 2"), run.err());
    assertTrue(run.err().contains("seed 2 (2 of 2)"), run.err());
  }

  @Test
  void whatAreNoSeedsIsRefused() {
    for (String wrong : List.of("", "1,,2", "1,two", "1,1", "1.5")) {
      assertRefused(2, CommandLineRun.of(train(out, "--seeds", wrong)), "--seeds");
    }
    assertRefused(2, CommandLineRun.of(train(out, "--seeds", "1,2", "--seed", 3)), "no --seed");
    assertFalse(Files.exists(out));
  }
}
