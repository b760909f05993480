package io.measureflow.core.families;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.measure.Family;
import jakarta.inject.Inject;
import java.util.Collections;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** The families there are, by name. */
public final class Families {

  private static final Families ON_CLASS_PATH = load();

  /** Points: an ordinary layer of neurons. */
  public static final Family DIRAC = ON_CLASS_PATH.get("dirac");

  /** Gaussians on w with one standard deviation each. */
  public static final Family ISOTROPIC = ON_CLASS_PATH.get("isotropic");

  /** Gaussians on w with a standard deviation for each coordinate. */
  public static final Family DIAGONAL = ON_CLASS_PATH.get("diagonal");

  /** Gaussians on (a, w) whose covariance is a diagonal and a factor of some rank. */
  public static final Family FACTORED = ON_CLASS_PATH.get("factored");

  /** Gaussians on (a, w) with any covariance. */
  public static final Family FULL = ON_CLASS_PATH.get("full");

  private final SortedMap<String, Family> byName;

  /** A choice among these. */
  @Inject
  public Families(Map<String, Family> byName) {
    this.byName = Collections.unmodifiableSortedMap(new TreeMap<>(byName));
  }

  /**
   * The families on the class path.
   *
   * @throws IllegalStateException if two of them have the same name
   */
  public static Families onClassPath() {
    return ON_CLASS_PATH;
  }

  private static Families load() {
    var families = new TreeMap<String, Family>();
    for (Family family : ServiceLoader.load(Family.class, Families.class.getClassLoader())) {
      Family other = families.putIfAbsent(family.name(), family);
      if (other != null) {
        throw new IllegalStateException(
            "Family "
                + family.name()
                + ": expected one implementation, found "
                + other.getClass().getName()
                + " and "
                + family.getClass().getName());
      }
    }
    return new Families(families);
  }

  /** The names of all families, sorted. */
  public Set<String> names() {
    return byName.keySet();
  }

  /** All families by name, sorted. */
  public SortedMap<String, Family> byName() {
    return byName;
  }

  /**
   * The family of this name.
   *
   * @throws InvalidRequestException if there is none; the message lists those there are
   */
  public Family get(String name) {
    Family family = byName.get(name);
    if (family == null) {
      throw InvalidRequestException.of(
          "family",
          "one of " + String.join(", ", names()),
          "'" + name + "'",
          "Choose one of them, or put the family's jar on the class path.");
    }
    return family;
  }
}
