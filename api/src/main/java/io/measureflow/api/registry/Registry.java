package io.measureflow.api.registry;

import io.measureflow.api.error.InvalidRequestException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The implementations of one kind, by name. {@link #get} is the one place where a name becomes an
 * object.
 *
 * <p>An implementation that cannot be used (a class that is missing, a constructor that throws, a
 * name that is null, malformed or taken) is left out with a {@link Fault}, which names its class
 * and jar; it is logged once, and everything else works. Immutable and safe for several threads.
 *
 * @param <T> the type of the implementations
 */
public final class Registry<T> {

  private static final Logger LOG = System.getLogger(Registry.class.getName());

  /** Names stand in configurations, checkpoints, and names of folders. */
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]*([_-][a-z0-9]+)*");

  private final Kind<T> kind;
  private final SortedMap<String, T> byName;
  private final List<Fault> faults;

  private Registry(Kind<T> kind, SortedMap<String, T> byName, List<Fault> faults) {
    this.kind = kind;
    this.byName = Collections.unmodifiableSortedMap(byName);
    this.faults = List.copyOf(faults);
  }

  /**
   * An implementation that was left out.
   *
   * @param message which one, where it lies, what is wrong with it, and what to do
   */
  public record Fault(String message) {}

  /** The implementations that a class loader's service files name. */
  public static <T> Registry<T> load(Kind<T> kind, ClassLoader loader) {
    List<Fault> faults = new ArrayList<>();
    List<T> services = Services.load(kind, loader, faults);
    Registry<T> empty = new Registry<>(kind, new TreeMap<>(), faults);
    return services.isEmpty() ? empty : empty.with(services);
  }

  /** These implementations alone. */
  public static <T> Registry<T> of(Kind<T> kind, Collection<? extends T> services) {
    return new Registry<>(kind, new TreeMap<>(), List.of()).with(services);
  }

  /** This registry with further implementations; a name that is taken stays with its owner. */
  public Registry<T> with(Collection<? extends T> services) {
    var names = new TreeMap<>(byName);
    var all = new ArrayList<>(faults);
    for (T service : services) {
      problem(service, names)
          .ifPresent(
              problem -> {
                var fault =
                    new Fault(
                        kind.label()
                            + " "
                            + Services.origin(service.getClass())
                            + " is left out: "
                            + problem);
                all.add(fault);
                LOG.log(Level.WARNING, fault.message());
              });
    }
    return new Registry<>(kind, names, all);
  }

  /** Adds a service under its names, or says why it cannot be. */
  private Optional<String> problem(T service, SortedMap<String, T> names) {
    @Nullable Collection<String> own;
    try {
      own = kind.names().apply(service);
    } catch (RuntimeException | LinkageError e) {
      return Optional.of("its name cannot be asked for: " + e);
    }
    if (own == null || own.isEmpty()) {
      return Optional.of("expected a name, found none");
    }
    for (String name : own) {
      if (name == null || !NAME.matcher(name).matches()) {
        return Optional.of(
            "expected a name of lower-case letters and digits, joined by - or _, found "
                + (name == null ? "null" : "'" + name + "'"));
      }
      T other = names.get(name);
      if (other != null && !other.equals(service)) {
        return Optional.of(
            "the name '" + name + "' belongs to " + Services.origin(other.getClass()));
      }
    }
    for (String name : own) {
      names.put(name, service);
    }
    return Optional.empty();
  }

  /** What this registry holds. */
  public Kind<T> kind() {
    return kind;
  }

  /** All names, sorted. */
  public SortedSet<String> names() {
    return Collections.unmodifiableSortedSet(new TreeSet<>(byName.keySet()));
  }

  /** All implementations by name, sorted. */
  public SequencedMap<String, T> byName() {
    return byName;
  }

  /** What was left out, and why. */
  public List<Fault> faults() {
    return faults;
  }

  /** The implementation of this name. As {@link #get(String, String)}, named by its kind. */
  public T get(String name) {
    return get(name, kind.label());
  }

  /**
   * The implementation of this name.
   *
   * @param where what names it, for messages
   * @throws InvalidRequestException if there is none; the message lists those that there are, and
   *     what was left out
   */
  public T get(String name, String where) {
    T found = byName.get(name);
    if (found == null) {
      throw InvalidRequestException.of(
          where,
          names().isEmpty()
              ? "the name of one of the " + kind.plural() + ", of which there are none"
              : "one of " + String.join(", ", names()),
          "'" + name + "'",
          "Choose one of them, or put the jar of the "
              + kind.label()
              + " on the class path."
              + leftOut());
    }
    return found;
  }

  private String leftOut() {
    return faults.isEmpty()
        ? ""
        : " Left out: " + String.join("; ", faults.stream().map(Fault::message).toList());
  }

  @Override
  public String toString() {
    return kind.plural() + " " + names();
  }
}
