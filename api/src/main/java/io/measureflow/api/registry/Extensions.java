package io.measureflow.api.registry;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Everything that is found by name: a {@link Registry} for each {@link Kind}, made when it is first
 * asked for. Safe for several threads.
 *
 * <pre>{@code
 * Family diagonal = Extensions.onClassPath().of(Family.KIND).get("diagonal");
 * Extensions mine = Extensions.onClassPath().with(Family.KIND, List.of(new RingFamily()));
 * }</pre>
 */
public final class Extensions {

  private static final Extensions ON_CLASS_PATH = of(Extensions.class.getClassLoader());

  private final ClassLoader loader;
  private final Map<Kind<?>, Registry<?>> registries = new ConcurrentHashMap<>();

  private Extensions(ClassLoader loader) {
    this.loader = loader;
  }

  /** What lies beside MeasureFlow, on the class path or the module path. */
  public static Extensions onClassPath() {
    return ON_CLASS_PATH;
  }

  /** What a class loader finds. */
  public static Extensions of(ClassLoader loader) {
    return new Extensions(loader);
  }

  /** The registry of a kind. */
  @SuppressWarnings("unchecked") // a registry is put under its own kind only
  public <T> Registry<T> of(Kind<T> kind) {
    Registry<T> known = (Registry<T>) registries.get(kind);
    if (known != null) {
      return known;
    }
    // Not computeIfAbsent: an implementation may look up others while it is made.
    Registry<T> loaded = Registry.load(kind, loader);
    Registry<T> other = (Registry<T>) registries.putIfAbsent(kind, loaded);
    return other == null ? loaded : other;
  }

  /** These extensions and further ones of a kind, which this object does not get. */
  public <T> Extensions with(Kind<T> kind, Collection<? extends T> services) {
    if (services.isEmpty()) {
      return this;
    }
    var more = new Extensions(loader);
    more.registries.putAll(registries);
    more.registries.put(kind, of(kind).with(services));
    return more;
  }

  /** These extensions and a further one. */
  public <T> Extensions with(Extension<T> extension) {
    return with(extension.kind(), List.of(extension.service()));
  }
}
