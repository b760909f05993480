package io.measureflow.api.registry;

import java.util.Collection;
import java.util.Collections;
import java.util.function.Function;

/**
 * A kind of extension: families, activations, flows, backends, and so on.
 *
 * @param type the service that its implementations provide
 * @param label the word for one of them in messages, lower case: {@code family}
 * @param plural the word for several of them: {@code families}
 * @param names the names of an implementation, usually one
 * @param isByExtension whether the names are file extensions, which may contain dots: {@code
 *     csv.gz}
 * @param <T> the type of the service
 */
public record Kind<T>(
    Class<T> type,
    String label,
    String plural,
    Function<T, ? extends Collection<String>> names,
    boolean isByExtension) {

  /** Returns a kind whose implementations have several names each. */
  public static <T> Kind<T> ofSeveral(
      Class<T> type, String label, String plural, Function<T, ? extends Collection<String>> names) {
    return new Kind<>(type, label, plural, names, false);
  }

  /** Returns a kind whose implementations are found by file extension, without the first dot. */
  public static <T> Kind<T> ofFiles(
      Class<T> type,
      String label,
      String plural,
      Function<T, ? extends Collection<String>> extensions) {
    return new Kind<>(type, label, plural, extensions, true);
  }

  /** Returns a kind whose implementations have one name each. */
  public static <T> Kind<T> of(
      Class<T> type, String label, String plural, Function<T, String> name) {
    // Not List.of: an implementation may break its contract, and the registry reports that.
    return ofSeveral(
        type, label, plural, service -> Collections.singletonList(name.apply(service)));
  }
}
