package io.measureflow.api.backend;

import io.measureflow.api.registry.Kind;
import java.util.List;

/**
 * How a backend is found: implementations are named in {@code
 * META-INF/services/io.measureflow.api.backend.BackendProvider} and have a public constructor
 * without parameters. Asking for the name or for availability loads no native library that is not
 * needed for the answer and never throws.
 */
public interface BackendProvider {

  /** Backends are found by name. */
  Kind<BackendProvider> KIND =
      Kind.of(BackendProvider.class, "backend", "backends", BackendProvider::name);

  /** The name that a configuration chooses it by, lower case: {@code simd}, {@code tornado}. */
  String name();

  /** Whether it can be opened on this machine, and what it would use or what it lacks. */
  Availability availability();

  /** The precisions that it computes in; the first is the one used when none is asked for. */
  List<Precision> precisions();

  /**
   * Whether {@link BackendSettings#threads} has an effect. Where it has none, users who set it are
   * told so.
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
