package io.measureflow.api.error;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * The root of all errors that are reported to a user by their message alone. Its two kinds differ
 * in whose mistake it was, and so in the exit code of the command line.
 */
public abstract sealed class MeasureFlowException extends RuntimeException
    permits InvalidRequestException, RunFailedException {

  private static final long serialVersionUID = 1L;

  /** A longer message loses its middle: what a file holds may be of any length. */
  private static final int LONGEST = 1500;

  private static final int HEAD = 1000;

  MeasureFlowException(String message, Throwable cause) {
    super(printable(message), cause);
  }

  MeasureFlowException(String message) {
    super(printable(message));
  }

  /** Lines of the program's own, of which only what stands in them is made printable. */
  MeasureFlowException(List<String> lines) {
    super(
        lines.stream()
            .map(MeasureFlowException::printable)
            .collect(Collectors.joining(System.lineSeparator() + "  ")));
  }

  /**
   * A text in one line that a terminal shows and does not obey: white space becomes a space, what
   * cannot be seen its number in hexadecimal digits, and the middle of a very long text three dots.
   * Names and cells of files come into messages as they are, and nobody vouches for them.
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
    // Numbers are longer than what they stand for.
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

  /** What went wrong, in words for the user; never null. */
  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  /** The exit code of a command that ends with this error. */
  public abstract int exitCode();
}
