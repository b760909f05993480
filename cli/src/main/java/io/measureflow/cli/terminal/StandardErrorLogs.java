package io.measureflow.cli.terminal;

import io.measureflow.api.error.MeasureFlowException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.text.MessageFormat;
import java.util.Locale;
import java.util.MissingResourceException;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;

/**
 * Prints log messages to standard error, one line each. The platform's own logging would print two
 * lines each, and make startup noticeably slower.
 */
public final class StandardErrorLogs extends System.LoggerFinder {

  private static final String OWN = "io.measureflow.";

  private static volatile boolean verbose;

  /** For {@link java.util.ServiceLoader}. */
  public StandardErrorLogs() {}

  /** Sets whether debug messages and stack traces are printed too. */
  public static void setVerbose(boolean value) {
    verbose = value;
  }

  static boolean isVerbose() {
    return verbose;
  }

  @Override
  public System.Logger getLogger(String name, Module module) {
    return new StandardErrorLogger(name);
  }

  private record StandardErrorLogger(String name) implements System.Logger {

    @Override
    public String getName() {
      return name;
    }

    @Override
    public boolean isLoggable(Level level) {
      Level least = name.startsWith(OWN) ? (verbose ? Level.DEBUG : Level.INFO) : Level.WARNING;
      return level != Level.OFF && level.compareTo(least) >= 0;
    }

    @Override
    public void log(
        Level level,
        @Nullable ResourceBundle bundle,
        @Nullable String message,
        @Nullable Throwable thrown) {
      if (isLoggable(level)) {
        print(level, translated(bundle, message));
        if (thrown != null && verbose) {
          var trace = new StringWriter();
          thrown.printStackTrace(new PrintWriter(trace));
          System.err.print(trace);
        }
      }
    }

    @Override
    public void log(
        Level level,
        @Nullable ResourceBundle bundle,
        @Nullable String format,
        @Nullable Object... values) {
      if (isLoggable(level)) {
        String pattern = translated(bundle, format);
        boolean plain = values == null || values.length == 0;
        print(level, plain ? pattern : new MessageFormat(pattern, Locale.ROOT).format(values));
      }
    }

    private static String translated(@Nullable ResourceBundle bundle, @Nullable String message) {
      if (message == null) {
        return "";
      }
      try {
        return bundle == null ? message : bundle.getString(message);
      } catch (MissingResourceException e) {
        return message;
      }
    }

    private static void print(Level level, String text) {
      String prefix =
          level.compareTo(Level.WARNING) >= 0
              ? "measureflow: " + level.name().toLowerCase(Locale.ROOT) + ": "
              : "";
      System.err.println(prefix + MeasureFlowException.printable(text));
    }
  }
}
