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
 * @param isByExtension whether the names are endings of files, which may have dots inside: {@code
 *     csv.gz}
 * @param <T> the type of the service
 */
public record Kind<T>(
    Class<T> type,
    String label,
    String plural,
    Function<T, ? extends Collection<String>> names,
    boolean isByExtension) {

  /** A kind whose implementations have several names each. */
  public static <T> Kind<T> ofSeveral(
      Class<T> type, String label, String plural, Function<T, ? extends Collection<String>> names) {
    return new Kind<>(type, label, plural, names, false);
  }

  /** A kind whose implementations are found by the endings of files, without the first dot. */
  public static <T> Kind<T> ofFiles(
      Class<T> type,
      String label,
      String plural,
      Function<T, ? extends Collection<String>> extensions) {
    return new Kind<>(type, label, plural, extensions, true);
  }

  /** A kind whose implementations have one name each. */
  public static <T> Kind<T> of(
      Class<T> type, String label, String plural, Function<T, String> name) {
    // Not List.of: an implementation may break its contract, and the registry says so.
    return ofSeveral(
        type, label, plural, service -> Collections.singletonList(name.apply(service)));
  }
}
