package io.measureflow;

import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** The versions recorded with results. */
public final class Versions {

  private Versions() {}

  /** Returns the version of MeasureFlow. */
  public static String measureflow() {
    @Nullable String version = Versions.class.getPackage().getImplementationVersion();
    return version == null ? "built from sources, not packaged" : version;
  }

  /** Returns the version of Java, with its vendor. */
  public static String java() {
    return Runtime.version() + " (" + System.getProperty("java.vm.vendor", "unknown vendor") + ")";
  }

  /** Returns the name, version and architecture of the operating system. */
  public static String operatingSystem() {
    return System.getProperty("os.name", "unknown system")
        + " "
        + System.getProperty("os.version", "")
        + " "
        + System.getProperty("os.arch", "");
  }

  /** Returns all versions, by name. */
  public static SequencedMap<String, String> all() {
    var versions = new LinkedHashMap<String, String>();
    versions.put("measureflow", measureflow());
    versions.put("java", java());
    versions.put("os", operatingSystem());
    return versions;
  }
}
