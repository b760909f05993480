package io.measureflow.api.error;

import java.util.List;

/**
 * The request cannot be carried out as it was made: an unknown name, a file that does not fit, data
 * that is malformed. Nothing was changed. The command line ends with exit code 2.
 */
public final class InvalidRequestException extends MeasureFlowException {

  private static final long serialVersionUID = 1L;

  /** An error with a message that already says what was expected, what was found, and where. */
  public InvalidRequestException(String message) {
    super(message);
  }

  /** As {@link #InvalidRequestException(String)}, keeping the cause for the log. */
  public InvalidRequestException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * An error whose message has several lines, such as the steps of an installation.
   *
   * @param lines the lines; those after the first are shown indented
   */
  public InvalidRequestException(List<String> lines) {
    super(lines);
  }

  /**
   * The standard form of a message: where, expected, found, and what to do about it.
   *
   * @param where the option, file, tensor, row or column that is wrong
   * @param expected what would have been right
   * @param found what is there instead
   * @param remedy a sentence that says what to do
   */
  public static InvalidRequestException of(
      String where, String expected, String found, String remedy) {
    return new InvalidRequestException(
        where + ": expected " + expected + ", found " + found + ". " + remedy);
  }

  @Override
  public int exitCode() {
    return 2;
  }
}
