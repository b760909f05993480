package io.measureflow.api.error;

import java.util.Objects;

/**
 * The root of all errors that are reported to a user by their message alone. Its two kinds differ
 * in whose mistake it was, and so in the exit code of the command line.
 */
public abstract sealed class MeasureFlowException extends RuntimeException
    permits InvalidRequestException, RunFailedException {

  private static final long serialVersionUID = 1L;

  MeasureFlowException(String message, Throwable cause) {
    super(message, cause);
  }

  MeasureFlowException(String message) {
    super(message);
  }

  /** What went wrong, in words for the user; never null. */
  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  /** The exit code of a command that ends with this error. */
  public abstract int exitCode();
}
