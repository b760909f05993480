package io.measureflow.cli.data;

import io.measureflow.api.data.DatasetFetcher;
import io.measureflow.api.error.MeasureFlowException;
import io.measureflow.cli.terminal.TerminalWidth;
import io.measureflow.cli.terminal.Text;
import java.io.PrintStream;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Shows the progress of a download: one line per file, and in between a line that is redrawn on a
 * terminal, or one every ten seconds elsewhere.
 */
final class FetchProgress implements DatasetFetcher.Progress {

  private static final long REDRAW_NANOS = 200_000_000L;
  private static final long LINE_NANOS = 10_000_000_000L;
  private static final String ERASE_LINE = "\r\u001b[K";

  private final PrintStream out;
  private final boolean redraws;
  private final LongSupplier nanoTime;
  private final IntSupplier columns;
  private String file = "";
  private long first;
  private long begin;
  private long lastShown;

  /**
   * @param redraws whether {@code out} is a terminal, where a line can be redrawn
   */
  FetchProgress(PrintStream out, boolean redraws) {
    this(out, redraws, System::nanoTime, redraws ? TerminalWidth.ask() : () -> 0);
  }

  /**
   * @param columns the columns of the terminal
   */
  FetchProgress(PrintStream out, boolean redraws, LongSupplier nanoTime, IntSupplier columns) {
    this.columns = columns;
    this.out = out;
    this.redraws = redraws;
    this.nanoTime = nanoTime;
  }

  @Override
  public void received(String name, long done, long total) {
    long now = nanoTime.getAsLong();
    if (!name.equals(file) || done < first) {
      file = name;
      first = done;
      begin = now;
      lastShown = now;
    }
    if (now - lastShown >= (redraws ? REDRAW_NANOS : LINE_NANOS)) {
      lastShown = now;
      String share = "  " + 100 * done / Math.max(1, total) + " %";
      String size = " of " + Text.bytes((double) total);
      String pace = "  " + Text.bytes((done - first) / Math.max(1e-9, (now - begin) * 1e-9)) + "/s";
      String line = name + share + size + pace;
      if (redraws) {
        // A line that wraps could not be erased.
        out.print(
            ERASE_LINE
                + TerminalWidth.fitting(
                    columns.getAsInt(),
                    List.of(line, name + share + pace, name + share, share.strip())));
        out.flush();
      } else {
        out.println(line);
      }
    }
  }

  @Override
  public void note(String name, String text) {
    out.println((redraws ? ERASE_LINE : "") + name + ": " + MeasureFlowException.printable(text));
  }
}
