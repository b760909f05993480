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

  private ProcessStart() {}

  /**
   * Returns the seconds since the process started, including the time of the launcher before the
   * JVM.
   */
  public static double secondsAgo() {
    try {
      return secondsAgoOnLinux();
    } catch (IOException | RuntimeException e) {
      Instant now = Instant.now();
      return now.toEpochMilli() / 1e3
          - ProcessHandle.current().info().startInstant().orElse(now).toEpochMilli() / 1e3;
    }
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
