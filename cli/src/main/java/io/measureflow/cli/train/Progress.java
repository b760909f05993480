package io.measureflow.cli.train;

import io.measureflow.cli.terminal.ProcessStart;
import io.measureflow.cli.terminal.TerminalWidth;
import io.measureflow.cli.terminal.Text;
import io.measureflow.core.training.EpochReport;
import io.measureflow.core.training.Metrics;
import io.measureflow.core.training.TrainingListener;
import io.measureflow.core.training.TrainingState;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Shows the progress of training: a line per epoch, and in between a bar on a terminal, or a line
 * every ten seconds elsewhere.
 */
final class Progress implements TrainingListener {

  private static final long BAR_NANOS = 100_000_000L;
  private static final long LINE_NANOS = 10_000_000_000L;
  private static final int BAR_WIDTH = 10;
  private static final String ERASE_LINE = "\r\u001b[K";

  private final PrintStream out;
  private final boolean bar;
  private final int epochs;

  /** Of many epochs the first few have a line each, and then so many. */
  private static final int FIRST_SHOWN = 5;

  private static final int MOST_LINES = 50;

  private final LongSupplier nanoTime;
  private final IntSupplier columns;
  private final long begin;
  private final int every;
  private long lastShown;
  private long lastEpochEnd;
  private long epochBegin;
  private int epoch;
  private long rowsDone;

  /**
   * @param bar whether {@code out} is a terminal, where a line can be redrawn
   * @param epochs the number of the last epoch
   */
  Progress(PrintStream out, boolean bar, int epochs) {
    this(out, bar, epochs, System::nanoTime, bar ? TerminalWidth.ask() : () -> 0);
  }

  /**
   * @param columns the columns of the terminal
   */
  Progress(PrintStream out, boolean bar, int epochs, LongSupplier nanoTime, IntSupplier columns) {
    this.columns = columns;
    this.out = out;
    this.bar = bar;
    this.epochs = epochs;
    this.nanoTime = nanoTime;
    this.begin = nanoTime.getAsLong();
    this.lastShown = begin;
    this.lastEpochEnd = begin;
    this.epochBegin = begin;
    this.every = every(epochs);
  }

  @Override
  public void step(int current, int row, int rows, Metrics running) {
    long now = nanoTime.getAsLong();
    if (epoch == 0) {
      line(String.format(Locale.ROOT, "first step after %.2f s", ProcessStart.secondsAgo()));
    }
    if (current != epoch) {
      epochBegin = lastEpochEnd;
      epoch = current;
    }
    if (now - lastShown >= (bar ? BAR_NANOS : LINE_NANOS)) {
      lastShown = now;
      long done = rowsDone + row;
      double secondsPerRow = (now - begin) * 1e-9 / done;
      double left = secondsPerRow * ((long) (epochs - current) * rows + rows - row);
      show(current, row, rows, running, row / ((now - epochBegin) * 1e-9), left);
    }
  }

  private void show(
      int current, int row, int rows, Metrics running, double rowsPerSecond, double secondsLeft) {
    String pace = "  " + Text.count(rowsPerSecond) + " samples/s";
    String left = "  " + Text.clock(secondsLeft) + " left";
    if (bar) {
      int filled = (int) ((long) BAR_WIDTH * row / rows);
      String done = " [" + "=".repeat(filled) + " ".repeat(BAR_WIDTH - filled) + "]";
      String loss = "  loss " + Text.loss(running.loss());
      String accuracy =
          Double.isNaN(running.accuracy())
              ? ""
              : String.format(Locale.ROOT, "  acc %.1f %%", 100 * running.accuracy());
      String start = epoch(current);
      // A line that wraps could not be erased.
      out.print(
          ERASE_LINE
              + TerminalWidth.fitting(
                  columns.getAsInt(),
                  List.of(
                      start + done + loss + accuracy + pace + left,
                      start + done + loss + accuracy + left,
                      start + done + loss + left,
                      start + done + left,
                      start + left,
                      start)));
      out.flush();
    } else {
      out.println(
          epoch(current) + "  " + 100L * row / rows + " %  " + numbers(running) + pace + left);
    }
  }

  @Override
  public void epoch(EpochReport report, TrainingState state, boolean best) {
    rowsDone += report.train().rows();
    lastEpochEnd = nanoTime.getAsLong();
    int number = report.epoch();
    if (number > FIRST_SHOWN && number % every != 0 && number != epochs) {
      return;
    }
    lastShown = lastEpochEnd;
    var text = new StringBuilder(epoch(report.epoch())).append("  train ");
    text.append(numbers(report.train()));
    report.validation().ifPresent(metrics -> text.append("  validation ").append(numbers(metrics)));
    report.test().ifPresent(metrics -> text.append("  test ").append(numbers(metrics)));
    text.append("  ")
        .append(Text.count(report.train().rows() / report.trainSeconds()))
        .append(" samples/s  ")
        .append(Text.duration(report.trainSeconds() + report.evaluationSeconds()));
    line(text.toString());
    if (number == FIRST_SHOWN && every > 1) {
      line("from here on one epoch in " + every + " is shown; metrics.csv has all");
    }
  }

  /** Which epochs have a line: every first, second, fifth, tenth, ... so that there are few. */
  static int every(int epochs) {
    int every = 1;
    for (int i = 0; epochs / every > MOST_LINES; i++) {
      every = i % 3 == 1 ? every / 2 * 5 : every * 2;
    }
    return every;
  }

  /** Prints a permanent line. */
  private void line(String text) {
    out.println(bar ? ERASE_LINE + text : text);
  }

  private String epoch(int current) {
    int width = String.valueOf(epochs).length();
    return String.format(Locale.ROOT, "epoch %" + width + "d/%d", current, epochs);
  }

  private static String numbers(Metrics metrics) {
    return "loss "
        + Text.loss(metrics.loss())
        + (Double.isNaN(metrics.accuracy())
            ? ""
            : "  accuracy " + Text.percent(metrics.accuracy()));
  }
}
