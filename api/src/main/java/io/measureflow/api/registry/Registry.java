package io.measureflow.api.registry;

import io.measureflow.api.error.InvalidRequestException;
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
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The implementations of one kind, by name. {@link #get} is the one place where a name becomes an
 * object.
 *
 * <p>An implementation that cannot be used (a class that is missing, a constructor that throws, a
 * name that is null or malformed) is left out with a {@link Fault}, which names its class and jar;
 * it is logged once, and everything else works. So it is with a name that is taken, which stays
 * with its owner: an implementation with several names keeps the others. Implementations of
 * MeasureFlow itself come before those from outside, whatever the order of the class path.
 * Immutable and safe for several threads.
 *
 * @param <T> the type of the implementations
 */
public final class Registry<T> {

  /** Names stand in configurations, checkpoints, and names of folders. */
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]*([_-][a-z0-9]+)*");

  /** Endings of files may have several parts: {@code csv.gz}. */
  private static final Pattern EXTENSION = Pattern.compile("[a-z0-9]+([._-][a-z0-9]+)*");

  private static final String OWN_PACKAGE = "io.measureflow";

  private final Kind<T> kind;
  private final SortedMap<String, T> byName;
  private final List<T> services;
  private final List<Fault> faults;

  private Registry(
      Kind<T> kind, SortedMap<String, T> byName, List<T> services, List<Fault> faults) {
    this.kind = kind;
    this.byName = Collections.unmodifiableSortedMap(byName);
    this.services = List.copyOf(services);
    this.faults = List.copyOf(faults);
  }

  /**
   * An implementation, or one of its names, that was left out.
   *
   * @param message which one, where it lies, what is wrong with it, and what to do
   */
  public record Fault(String message) {}

  /** The implementations that a class loader's service files name. */
  public static <T> Registry<T> load(Kind<T> kind, ClassLoader loader) {
    List<Fault> faults = new ArrayList<>();
    List<T> services = Services.load(kind, loader, faults);
    Registry<T> empty = new Registry<>(kind, new TreeMap<>(), List.of(), faults);
    return services.isEmpty() ? empty : empty.with(services);
  }

  /** These implementations alone. */
  public static <T> Registry<T> of(Kind<T> kind, Collection<? extends T> services) {
    return new Registry<>(kind, new TreeMap<>(), List.of(), List.of()).with(services);
  }

  /** A class and where it was loaded from, for messages. */
  public static String origin(Class<?> type) {
    return Services.origin(type);
  }

  /** This registry with further implementations; a name that is taken stays with its owner. */
  public Registry<T> with(Collection<? extends T> further) {
    var names = new TreeMap<>(byName);
    var all = new ArrayList<>(services);
    var problems = new ArrayList<>(faults);
    Stream.concat(
            further.stream().filter(Registry::isOwn),
            further.stream().filter(service -> !isOwn(service)))
        .forEach(
            service -> {
              if (add(service, names, problems)) {
                all.add(service);
              }
            });
    return new Registry<>(kind, names, all, problems);
  }

  /** The same with another implementation in the place of each, under the names that it has. */
  public Registry<T> map(UnaryOperator<T> change) {
    return new Registry<>(kind, new TreeMap<>(), List.of(), faults)
        .with(services.stream().map(change).toList());
  }

  private static boolean isOwn(Object service) {
    return (service.getClass().getPackageName() + ".").startsWith(OWN_PACKAGE + ".");
  }

  /** Adds a service under its names, as far as it can be; whether there is one. */
  private boolean add(T service, SortedMap<String, T> names, List<Fault> problems) {
    @Nullable Collection<String> own;
    try {
      own = kind.names().apply(service);
    } catch (RuntimeException | LinkageError e) {
      return leftOut(service, "its name cannot be asked for: " + e, problems);
    }
    if (own == null || own.isEmpty()) {
      return leftOut(service, "expected a name, found none", problems);
    }
    for (String name : own) {
      if (name == null || !(kind.isByExtension() ? EXTENSION : NAME).matcher(name).matches()) {
        return leftOut(
            service,
            "expected a name of lower-case letters and digits, joined by - or _, found "
                + (name == null ? "null" : "'" + name + "'"),
            problems);
      }
    }
    boolean added = false;
    for (String name : own) {
      T other = names.putIfAbsent(name, service);
      if (other == null || other.equals(service)) {
        added = true;
      } else {
        String as = own.size() == 1 ? "" : ", as '" + name + "',";
        problems.add(
            Services.fault(
                kind,
                Services.origin(service.getClass()) + as,
                "the name '" + name + "' belongs to " + Services.origin(other.getClass()),
                Optional.empty()));
      }
    }
    return added;
  }

  private boolean leftOut(T service, String problem, List<Fault> problems) {
    problems.add(
        Services.fault(kind, Services.origin(service.getClass()), problem, Optional.empty()));
    return false;
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

  /** All implementations, each once, in the order in which they joined. */
  public List<T> services() {
    return services;
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
