package io.measureflow.api.error;

/**
 * A sound request failed while it was carried out: the disk is full, a device was lost, the loss is
 * no longer finite. What had been saved is intact. The command line ends with exit code 1.
 */
public sealed class RunFailedException extends MeasureFlowException permits DivergedException {

  private static final long serialVersionUID = 1L;

  /** An error with a message that says what failed, where, and what is left. */
  public RunFailedException(String message) {
    super(message);
  }

  /** As {@link #RunFailedException(String)}, keeping the cause for the log. */
  public RunFailedException(String message, Throwable cause) {
    super(message, cause);
  }

  @Override
  public int exitCode() {
    return 1;
  }
}
