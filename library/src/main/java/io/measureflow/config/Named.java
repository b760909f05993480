package io.measureflow.config;

import io.measureflow.api.registry.Extensions;
import io.measureflow.api.registry.Kind;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The name of an extension as a configuration has it: it becomes an object when a run begins, from
 * the extensions that the run has.
 *
 * @param name the name
 * @param where the setting and who set it, for messages; empty where a program did
 */
public record Named(String name, Optional<String> where) {

  /** A name that a program chose. */
  public static Named of(String name) {
    return new Named(name, Optional.empty());
  }

  /**
   * What is meant.
   *
   * @throws io.measureflow.api.error.InvalidRequestException if there is none of this name
   */
  public <T> T in(Extensions extensions, Kind<T> kind) {
    return extensions.of(kind).get(name, place(kind));
  }

  /** Where the name stands, for messages. */
  String place(Kind<?> kind) {
    return where.orElse(kind.label());
  }

  /** By name: where it was set makes no difference. */
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
