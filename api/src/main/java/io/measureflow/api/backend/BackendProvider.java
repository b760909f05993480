package io.measureflow.api.backend;

import io.measureflow.api.registry.Kind;
import java.util.List;

/**
 * A service that opens a backend. Implementations are named in {@code
 * META-INF/services/io.measureflow.api.backend.BackendProvider} and have a public constructor
 * without parameters. {@link #name} and {@link #availability} load no native library that they do
 * not need, and never throw.
 */
public interface BackendProvider {

  /** Backends are found by name. */
  Kind<BackendProvider> KIND =
      Kind.of(BackendProvider.class, "backend", "backends", BackendProvider::name);

  /** Returns the name in configurations, lower case: {@code simd}, {@code tornado}. */
  String name();

  /**
   * Returns whether it can be opened on this machine, with its version and devices or what it
   * lacks.
   */
  Availability availability();

  /** Returns the precisions that it computes in, the default first. */
  List<Precision> precisions();

  /**
   * Whether {@link BackendSettings#threads} has an effect. Where it has one, a number far beyond
   * the processors of the machine is refused; where it has none, users who set it are told so.
   */
  default boolean heedsThreads() {
    return true;
  }

  /**
   * Begins, on a thread of its own, with what takes long before this backend computes at its full
   * speed, and returns at once. For programs that know early that they will most likely open it,
   * and have other things to do until then; never needed, and nothing to undo if they do not. May
   * be called on any thread, at most once. A backend that has nothing to prepare does nothing.
   */
  default void prepare() {}

  /**
   * Opens the backend.
   *
   * @throws io.measureflow.api.error.InvalidRequestException if it is not available or a setting is
   *     wrong
   */
  Backend open(BackendSettings settings);
}
