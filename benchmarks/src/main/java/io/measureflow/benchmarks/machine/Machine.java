package io.measureflow.benchmarks.machine;

import io.measureflow.api.backend.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;

/** Describes the machine that a measurement ran on. */
public final class Machine {

  /** The key of the options of the measurement. */
  public static final String OPTIONS = "options";

  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
  private static final Path CACHES = Path.of("/sys/devices/system/cpu/cpu0/cache");

  private Machine() {}

  /**
   * Describes processor, caches, system, JVM and backends, in the order of the report.
   *
   * @param simd the backend that is measured
   * @param nd4j the backend to compare with, if it can be used
   * @param options the options of the measurement
   */
  public static SequencedMap<String, String> describe(
      Backend.Description simd, Optional<Backend.Description> nd4j, String options) {
    var about = new LinkedHashMap<String, String>();
    about.put("date", LocalDate.now(ZoneOffset.UTC).toString());
    about.put("processor", processor().orElse(System.getProperty("os.arch", "unknown")));
    caches().ifPresent(caches -> about.put("caches", caches));
    about.put("processors", String.valueOf(Runtime.getRuntime().availableProcessors()));
    about.put(
        "system",
        System.getProperty("os.name", "unknown") + " " + System.getProperty("os.version", ""));
    about.put(
        "JVM",
        System.getProperty("java.vm.name", "unknown")
            + " "
            + Runtime.version()
            + ", "
            + System.getProperty("java.vm.vendor", "unknown vendor"));
    about.put("backend simd", simd.version());
    about.put("backend nd4j", nd4j.map(Backend.Description::version).orElse("cannot be used here"));
    about.put(OPTIONS, options);
    return about;
  }

  private static Optional<String> processor() {
    return lines(PROCESSORS)
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst();
  }

  /** The caches of the first processor, such as {@code L1 Data 32K, L2 512K}. */
  private static Optional<String> caches() {
    var caches = new ArrayList<String>();
    for (int i = 0; Files.isDirectory(CACHES.resolve("index" + i)); i++) {
      Path cache = CACHES.resolve("index" + i);
      List<String> parts =
          Stream.of("level", "type", "size").flatMap(part -> lines(cache.resolve(part))).toList();
      if (parts.size() == 3) {
        caches.add("L%s %s %s".formatted(parts.toArray()).replace(" Unified", ""));
      }
    }
    return caches.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", caches));
  }

  /** The lines of a Linux system file; none on other systems. */
  private static Stream<String> lines(Path file) {
    try {
      return Files.readAllLines(file).stream();
    } catch (IOException e) {
      return Stream.empty();
    }
  }
}
