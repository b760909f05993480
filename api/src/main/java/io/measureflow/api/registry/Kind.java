package io.measureflow.api.registry;

import java.util.Collection;
import java.util.Collections;
import java.util.function.Function;

/**
 * A kind of extension: families, activations, flows, backends, and so on.
 *
 * @param type the service that its implementations provide
 * @param label what messages call one of them, lower case: {@code family}
 * @param plural what messages call several of them: {@code families}
 * @param names the names under which an implementation is found, mostly one
 * @param <T> the type of the service
 */
public record Kind<T>(
    Class<T> type, String label, String plural, Function<T, ? extends Collection<String>> names) {

  /** A kind whose implementations have one name each. */
  public static <T> Kind<T> of(
      Class<T> type, String label, String plural, Function<T, String> name) {
    // Not List.of: an implementation may break its contract, and the registry says so.
    return new Kind<>(
        type, label, plural, service -> Collections.singletonList(name.apply(service)));
  }
}
