package io.measureflow.api.error;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * The base of all errors whose message alone is shown to the user. The two kinds differ in who is
 * responsible, and so in the exit code of the command line.
 */
public abstract sealed class MeasureFlowException extends RuntimeException
    permits InvalidRequestException, RunFailedException {

  private static final long serialVersionUID = 1L;

  /** Longer messages lose their middle: text from a file may have any length. */
  private static final int LONGEST = 1500;

  private static final int HEAD = 1000;

  MeasureFlowException(String message, Throwable cause) {
    super(printable(message), cause);
  }

  MeasureFlowException(String message) {
    super(printable(message));
  }

  /** Creates an error from lines of our own; only the text within them is made printable. */
  MeasureFlowException(List<String> lines) {
    super(
        lines.stream()
            .map(MeasureFlowException::printable)
            .collect(Collectors.joining(System.lineSeparator() + "  ")));
  }

  /**
   * Makes a text printable on one line of a terminal: white space becomes a space, invisible
   * characters their hexadecimal code, and the middle of a very long text three dots. Names and
   * cells of untrusted files go into messages through this method.
   */
  public static String printable(String text) {
    String shortened = shortened(text);
    if (shortened.chars().noneMatch(MeasureFlowException::isHidden)) {
      return shortened;
    }
    var shown = new StringBuilder();
    for (int i = 0; i < shortened.length(); i++) {
      char c = shortened.charAt(i);
      if (!isHidden(c)) {
        shown.append(c);
      } else if (Character.isWhitespace(c)) {
        shown.append(' ');
      } else {
        shown.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      }
    }
    // Escapes are longer than the characters they replace.
    return shortened(shown.toString());
  }

  private static String shortened(String text) {
    return text.length() <= LONGEST
        ? text
        : text.substring(0, HEAD) + " ... " + text.substring(text.length() - LONGEST + HEAD);
  }

  private static boolean isHidden(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }

  /** Returns the message for the user; never null. */
  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  /** Returns the exit code of a command that ends with this error. */
  public abstract int exitCode();
}
