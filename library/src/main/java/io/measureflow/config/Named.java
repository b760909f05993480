package io.measureflow.config;

import io.measureflow.api.registry.Extensions;
import io.measureflow.api.registry.Kind;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The name of an extension in a configuration. It is resolved when a run begins, among the
 * extensions of the run.
 *
 * @param name the name
 * @param where the setting and who set it, for messages; empty if a program did
 */
public record Named(String name, Optional<String> where) {

  /** Returns a name set by a program. */
  public static Named of(String name) {
    return new Named(name, Optional.empty());
  }

  /**
   * Resolves the name.
   *
   * @throws io.measureflow.api.error.InvalidRequestException if the name is unknown
   */
  public <T> T in(Extensions extensions, Kind<T> kind) {
    return extensions.of(kind).get(name, place(kind));
  }

  /** Returns the place of the name, for messages. */
  String place(Kind<?> kind) {
    return where.orElse(kind.label());
  }

  /** Compares names; where they were set does not matter. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Named named && named.name.equals(name);
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }

  @Override
  public String toString() {
    return name;
  }
}
