package io.measureflow.cli.terminal;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/**
 * The columns of the terminal of standard error, asked for again every second while somebody wants
 * to know, on a thread of its own: the user may resize the window.
 */
public final class TerminalWidth implements IntSupplier {

  private static final int DEFAULT = 80;
  private static final int NARROW = 40;
  private static final long NANOS_BETWEEN = 1_000_000_000L;

  private volatile int columns = NARROW;
  private volatile boolean asking;
  private volatile boolean asked;
  private volatile boolean unknown;
  private volatile long last;

  private TerminalWidth() {}

  /** Asks for the width of the terminal at once, so that it is known when a line is drawn. */
  public static TerminalWidth ask() {
    var width = new TerminalWidth();
    width.askAgain();
    return width;
  }

  /**
   * Returns the columns as they were a second ago; 40 until the first answer, and 80 where there is
   * none.
   */
  @Override
  public int getAsInt() {
    askAgain();
    return columns;
  }

  private void askAgain() {
    if (!asking && !unknown && (!asked || System.nanoTime() - last > NANOS_BETWEEN)) {
      asking = true;
      asked = true;
      Thread.ofPlatform().daemon().name("measureflow-columns").start(this::measure);
    }
  }

  private void measure() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(Terminal.device().toFile())
              .redirectError(Redirect.DISCARD)
              .start();
      String size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      unknown = !stty.waitFor(1, TimeUnit.SECONDS) || stty.exitValue() != 0;
      int found = unknown ? 0 : parse(size);
      columns = found > 0 ? found : DEFAULT;
    } catch (IOException | NumberFormatException e) {
      unknown = true;
      columns = DEFAULT;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      last = System.nanoTime();
      asking = false;
    }
  }

  /**
   * Returns the first of these texts, the fullest first, that fits into a line, or else as much of
   * the last one as does. The last column stays free, as some terminals wrap after it.
   */
  public static String fitting(int columns, List<String> texts) {
    int most = Math.max(0, columns - 1);
    for (String text : texts) {
      if (text.length() <= most) {
        return text;
      }
    }
    String last = texts.getLast();
    return last.substring(0, most);
  }

  /** Returns the second number of "24 80"; 0 where the terminal does not know it. */
  static int parse(String size) {
    String[] numbers = size.strip().split(" ", -1);
    return Integer.parseInt(numbers[numbers.length - 1]);
  }
}
