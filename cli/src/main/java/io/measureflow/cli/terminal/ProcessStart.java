package io.measureflow.cli.terminal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/** The start time of the process. */
public final class ProcessStart {

  private static final double TICKS_PER_SECOND = 100;
  private static final int START_TIME = 19;

  /**
   * The property with the second of the epoch when the launcher had built the program, if it had
   * to: neither the build nor waiting for another one counts.
   */
  private static final String READY = "launcher.ready";

  private ProcessStart() {}

  /**
   * Returns the seconds since the process started, including the time of the launcher before the
   * JVM, but not that of building the program.
   */
  public static double secondsAgo() {
    Long ready = Long.getLong(READY);
    double age = age();
    return ready == null ? age : Math.clamp(epochSeconds(Instant.now()) - ready, 0, age);
  }

  private static double age() {
    try {
      return secondsAgoOnLinux();
    } catch (IOException | RuntimeException e) {
      Instant now = Instant.now();
      return epochSeconds(now)
          - epochSeconds(ProcessHandle.current().info().startInstant().orElse(now));
    }
  }

  private static double epochSeconds(Instant instant) {
    return instant.toEpochMilli() / 1e3;
  }

  /** Returns the portable way has a resolution of a second; /proc has hundredths. */
  private static double secondsAgoOnLinux() throws IOException {
    String stat = Files.readString(Path.of("/proc/self/stat"));
    // The program name, in parentheses, may contain anything; the fields after it are numbers.
    List<String> fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" "));
    String uptime = Files.readString(Path.of("/proc/uptime"));
    return Double.parseDouble(uptime.substring(0, uptime.indexOf(' ')))
        - Double.parseDouble(fields.get(START_TIME)) / TICKS_PER_SECOND;
  }
}
