package io.measureflow.datasets.io;

import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** Waits for results of other threads and rethrows their exceptions. */
public final class Futures {

  private Futures() {}

  /** Returns the result; an unchecked exception or error of the computation is thrown unchanged. */
  public static <T> T get(Future<T> future) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        case null, default -> throw new IllegalStateException(e);
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Waits until the computation has ended, successfully or not. */
  public static void await(Future<?> future) {
    try {
      get(future);
    } catch (RuntimeException | Error e) {
      if (e instanceof CancellationException || !future.isDone()) {
        throw e;
      }
    }
  }
}
