package io.measureflow.api.error;

/**
 * A valid request failed while it was carried out: the disk is full, a device was lost, the loss is
 * no longer finite. Files saved before are intact. The command line ends with exit code 1.
 */
public sealed class RunFailedException extends MeasureFlowException permits DivergedException {

  private static final long serialVersionUID = 1L;

  /** Creates an error; the message says what failed, where, and what is left. */
  public RunFailedException(String message) {
    super(message);
  }

  /** Creates an error like {@link #RunFailedException(String)}, with a cause for the log. */
  public RunFailedException(String message, Throwable cause) {
    super(message, cause);
  }

  @Override
  public int exitCode() {
    return 1;
  }
}
