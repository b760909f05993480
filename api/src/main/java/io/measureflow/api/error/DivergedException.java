package io.measureflow.api.error;

/**
 * The loss of a training run is no longer finite because the learning rate was too large. A type of
 * its own, so that a search for the largest stable learning rate can tell it from other failures.
 */
public final class DivergedException extends RunFailedException {

  private static final long serialVersionUID = 1L;

  /** Creates an error; the message says at which step the loss stopped being finite. */
  public DivergedException(String message) {
    super(message);
  }
}
