package io.measureflow.core.families;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.measure.Family;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;

/** The families on the class path, by name. */
public final class Families {

  private static final Map<String, Family> BY_NAME = load();

  private Families() {}

  private static Map<String, Family> load() {
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
    return families;
  }

  /** The names of all families, sorted. */
  public static Set<String> names() {
    return BY_NAME.keySet();
  }

  /**
   * The family of this name.
   *
   * @throws InvalidRequestException if there is none; the message lists those there are
   */
  public static Family get(String name) {
    Family family = BY_NAME.get(name);
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
