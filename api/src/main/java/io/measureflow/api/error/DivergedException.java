package io.measureflow.api.error;

/**
 * The loss of a training is no longer finite: the step was too large. Its own type, because whoever
 * looks for the largest step that trains has to tell it from a full disk.
 */
public final class DivergedException extends RunFailedException {

  private static final long serialVersionUID = 1L;

  /** An error with a message that says at which step the loss was lost. */
  public DivergedException(String message) {
    super(message);
  }
}
