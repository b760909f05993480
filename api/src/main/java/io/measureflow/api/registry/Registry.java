package io.measureflow.api.registry;

import io.measureflow.api.error.InvalidRequestException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
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
 * The implementations of one kind, by name. Names become objects only in {@link #get}.
 *
 * <p>An implementation that cannot be used (a missing class, a constructor that throws, a name that
 * is null or malformed) is left out. A {@link Fault} names its class and jar and is logged once;
 * everything else works. A name that is taken stays with its first owner; an implementation with
 * several names keeps the others. MeasureFlow's own implementations come before those from outside,
 * whatever the order of the class path. Immutable and thread-safe.
 *
 * @param <T> the type of the implementations
 */
public final class Registry<T> {

  /** Names appear in configurations, checkpoints, and folder names. */
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]*([_-][a-z0-9]+)*");

  /** File extensions may have several parts: {@code csv.gz}. */
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
   * @param message which one, where it is, what is wrong with it, and what to do
   */
  public record Fault(String message) {}

  /** Loads the implementations named in the service files that a class loader finds. */
  public static <T> Registry<T> load(Kind<T> kind, ClassLoader loader) {
    List<Fault> faults = new ArrayList<>();
    List<T> services = Services.load(kind, loader, faults);
    Registry<T> empty = new Registry<>(kind, new TreeMap<>(), List.of(), faults);
    return services.isEmpty() ? empty : empty.with(services);
  }

  /** Makes a registry of these implementations alone. */
  public static <T> Registry<T> of(Kind<T> kind, Collection<? extends T> services) {
    return new Registry<>(kind, new TreeMap<>(), List.of(), List.of()).with(services);
  }

  /** Returns a class and the place it was loaded from, for messages. */
  public static String origin(Class<?> type) {
    return Services.origin(type);
  }

  /** Returns a registry with further implementations; a name that is taken stays with its owner. */
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

  /** Returns a registry with each implementation replaced, under the same names. */
  public Registry<T> map(UnaryOperator<T> change) {
    return new Registry<>(kind, new TreeMap<>(), List.of(), faults)
        .with(services.stream().map(change).toList());
  }

  private static boolean isOwn(Object service) {
    return (service.getClass().getPackageName() + ".").startsWith(OWN_PACKAGE + ".");
  }

  /** Adds a service under its valid and free names; returns whether there is one. */
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

  /** Returns the kind of its implementations. */
  public Kind<T> kind() {
    return kind;
  }

  /** Returns all names, sorted. */
  public SortedSet<String> names() {
    return Collections.unmodifiableSortedSet(new TreeSet<>(byName.keySet()));
  }

  /** Returns all implementations by name, sorted by name. */
  public SequencedMap<String, T> byName() {
    return byName;
  }

  /** Returns all implementations, each once, in the order in which they were added. */
  public List<T> services() {
    return services;
  }

  /** Returns the implementations and names that were left out, and why. */
  public List<Fault> faults() {
    return faults;
  }

  /** Returns the longest name that is the extension of a file, for services of files. */
  public Optional<String> extensionOf(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    return names().stream()
        .filter(extension -> name.endsWith("." + extension))
        .max(Comparator.comparingInt(String::length));
  }

  /** Finds an implementation as {@link #get(String, String)}; messages name its kind. */
  public T get(String name) {
    return get(name, kind.label());
  }

  /**
   * Finds the implementation of a name.
   *
   * @param where the place that names it, for messages
   * @throws InvalidRequestException if there is none; the message lists the known names and the
   *     implementations that were left out
   */
  public T get(String name, String where) {
    T found = byName.get(name);
    if (found == null) {
      throw InvalidRequestException.of(
          where,
          names().isEmpty()
              ? "the name of one of the " + kind.plural() + " (none is available)"
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
