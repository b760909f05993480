package io.measureflow.api.error;

import java.util.List;

/**
 * The request is invalid: an unknown name, a missing or unsuitable file, malformed data. Nothing
 * was changed. The command line ends with exit code 2.
 */
public final class InvalidRequestException extends MeasureFlowException {

  private static final long serialVersionUID = 1L;

  /** Creates an error; the message says what was expected, what was found, and where. */
  public InvalidRequestException(String message) {
    super(message);
  }

  /** Creates an error like {@link #InvalidRequestException(String)}, with a cause for the log. */
  public InvalidRequestException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * Creates an error whose message has several lines, such as the steps of an installation.
   *
   * @param lines the lines; all but the first are indented
   */
  public InvalidRequestException(List<String> lines) {
    super(lines);
  }

  /**
   * Creates an error with the standard message: where, expected, found, and what to do.
   *
   * @param where the option, file, tensor, row or column that is wrong
   * @param expected what would have been valid
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
