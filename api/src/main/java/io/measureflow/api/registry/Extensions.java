package io.measureflow.api.registry;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Everything that is found by name: a {@link Registry} for each {@link Kind}, created when first
 * used. Thread-safe.
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

  /** Returns the extensions on the class path or module path. */
  public static Extensions onClassPath() {
    return ON_CLASS_PATH;
  }

  /** Returns the extensions that a class loader finds. */
  public static Extensions of(ClassLoader loader) {
    return new Extensions(loader);
  }

  /** Returns the registry of a kind. */
  @SuppressWarnings("unchecked") // a registry is stored under its own kind only
  public <T> Registry<T> of(Kind<T> kind) {
    Registry<T> known = (Registry<T>) registries.get(kind);
    if (known != null) {
      return known;
    }
    // Not computeIfAbsent: the constructor of an implementation may look up others.
    Registry<T> loaded = Registry.load(kind, loader);
    Registry<T> other = (Registry<T>) registries.putIfAbsent(kind, loaded);
    return other == null ? loaded : other;
  }

  /** Returns these extensions and further ones of a kind; this object is unchanged. */
  public <T> Extensions with(Kind<T> kind, Collection<? extends T> services) {
    if (services.isEmpty()) {
      return this;
    }
    var more = new Extensions(loader);
    more.registries.putAll(registries);
    more.registries.put(kind, of(kind).with(services));
    return more;
  }

  /** Returns these extensions and a further one; this object is unchanged. */
  public <T> Extensions with(Extension<T> extension) {
    return with(extension.kind(), List.of(extension.service()));
  }
}
