package io.measureflow.cli.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.core.training.EpochReport;
import io.measureflow.core.training.Metrics;
import io.measureflow.core.training.TrainingState;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ProgressTest {

  private static final String ERASE = "\r\u001b[K";
  private static final Metrics RUNNING = new Metrics(0.25, 0.75, 400);

  private final AtomicLong clock = new AtomicLong();
  private final AtomicInteger columns = new AtomicInteger(80);
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);

  /** Returns what is drawn after another tenth of a second. */
  private String drawn(Progress progress, int row) {
    printed.reset();
    clock.addAndGet(200_000_000);
    progress.step(1, row, 1000, RUNNING);
    return printed.toString(StandardCharsets.UTF_8);
  }

  @Test
  void theBarFitsTheTerminalAlsoWhenItIsResized() {
    var progress = new Progress(out, true, 100, clock::get, columns::get);
    drawn(progress, 1);
    String wide = drawn(progress, 400);
    assertEquals(
        ERASE + "epoch   1/100 [====      ]  loss 0.2500  acc 75.0 %  1 000 samples/s  1:40 left",
        wide.replaceAll("\\d[\\d ]* samples/s  \\d:\\d+", "1 000 samples/s  1:40"));
    for (int width = 100; width >= 1; width--) {
      columns.set(width);
      String text = drawn(progress, 400);
      assertTrue(text.startsWith(ERASE), text);
      int length = text.length() - ERASE.length();
      assertTrue(length < width, width + " columns: " + text);
      assertTrue(length >= width / 4 || width > 80, width + " columns: " + text);
    }
    columns.set(45);
    assertTrue(drawn(progress, 500).contains("[=====     ]"), "the bar itself is kept");
  }

  private List<String> epochsShown(int epochs) {
    printed.reset();
    var progress = new Progress(out, false, epochs, clock::get, columns::get);
    TrainingState state = TrainingState.initial(new LinkedHashMap<>());
    for (int epoch = 1; epoch <= epochs; epoch++) {
      Optional<Metrics> none = Optional.empty();
      progress.epoch(
          new EpochReport(epoch, 0.1, RUNNING, none, none, Optional.empty(), 1, 0), state, false);
    }
    return printed
        .toString(StandardCharsets.UTF_8)
        .lines()
        .map(line -> line.replaceFirst("/.*", "").replaceFirst("^epoch +", ""))
        .toList();
  }

  @Test
  void ofManyEpochsSomeHaveALine() {
    assertEquals(IntStream.rangeClosed(1, 50).mapToObj(String::valueOf).toList(), epochsShown(50));
    List<String> shown = epochsShown(375);
    assertEquals(
        List.of(
            "1", "2", "3", "4", "5", "from here on one epoch in 10 is shown; metrics.csv has all"),
        shown.subList(0, 6));
    assertEquals(List.of("10", "20", "30"), shown.subList(6, 9));
    assertEquals(List.of("360", "370", "375"), shown.subList(shown.size() - 3, shown.size()));
  }

  @Test
  void elsewhereThereIsALineEveryTenSecondsAndNothingIsErased() {
    var progress = new Progress(out, false, 100, clock::get, columns::get);
    assertTrue(drawn(progress, 1).startsWith("first step after "));
    assertEquals("", drawn(progress, 2));
    clock.addAndGet(10_000_000_000L);
    String line = drawn(progress, 400);
    assertTrue(line.matches("epoch +1/100  40 %  loss 0.2500  accuracy 75.00 %  .* left\\R"), line);
  }
}
