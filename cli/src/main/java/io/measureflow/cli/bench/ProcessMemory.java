package io.measureflow.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The memory of this process, as Linux reports it; NaN where there is no {@code /proc}. */
final class ProcessMemory {

  private static final Path STATUS = Path.of("/proc/self/status");

  private ProcessMemory() {}

  /** Returns the resident memory in bytes. */
  static double resident() {
    return bytes("VmRSS:");
  }

  /** Returns the largest resident memory since the process was started, in bytes. */
  static double peak() {
    return bytes("VmHWM:");
  }

  private static double bytes(String field) {
    try (Stream<String> lines = Files.lines(STATUS)) {
      return lines
          .filter(line -> line.startsWith(field))
          .mapToDouble(line -> 1024 * Double.parseDouble(line.replaceAll("[^0-9]", "")))
          .findFirst()
          .orElse(Double.NaN);
    } catch (IOException e) {
      return Double.NaN;
    }
  }
}
