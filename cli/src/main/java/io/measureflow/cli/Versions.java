package io.measureflow.cli;

import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** The versions that results carry. */
final class Versions {

  private Versions() {}

  static String measureflow() {
    @Nullable String version = Versions.class.getPackage().getImplementationVersion();
    return version == null ? "built from sources, not packaged" : version;
  }

  static String java() {
    return Runtime.version() + " (" + System.getProperty("java.vm.vendor", "unknown vendor") + ")";
  }

  static String operatingSystem() {
    return System.getProperty("os.name", "unknown system")
        + " "
        + System.getProperty("os.version", "")
        + " "
        + System.getProperty("os.arch", "");
  }

  static SequencedMap<String, String> all() {
    var versions = new LinkedHashMap<String, String>();
    versions.put("measureflow", measureflow());
    versions.put("java", java());
    versions.put("os", operatingSystem());
    return versions;
  }
}
