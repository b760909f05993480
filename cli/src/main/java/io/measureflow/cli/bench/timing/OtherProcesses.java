package io.measureflow.cli.bench.timing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What other processes than these use of the processors, as Linux reports it. Where there is no
 * {@code /proc}, they are taken to use nothing.
 */
public final class OtherProcesses {

  /** The unit of the files in {@code /proc} is 10 ms on every common kernel. */
  private static final double TICKS_PER_SECOND = 100;

  /** The columns of busy time in the line of all processors: idle time and waiting are others. */
  private static final int[] BUSY = {1, 2, 3, 6, 7};

  private final Path proc;
  private final List<String> ours;
  private double before;
  private long begin;

  /**
   * @param ours the ids of processes whose time counts as ours beside that of this one
   */
  public OtherProcesses(List<Long> ours) {
    this(Path.of("/proc"), ours);
  }

  OtherProcesses(Path proc, List<Long> ours) {
    this.proc = proc;
    this.ours = Stream.concat(Stream.of("self"), ours.stream().map(String::valueOf)).toList();
  }

  /** Begins to watch. */
  public void start() {
    before = seconds();
    begin = System.nanoTime();
  }

  /** Returns how many processors others have kept busy since {@link #start}, in the mean. */
  public double share() {
    return (seconds() - before) / Math.max(1e-9, (System.nanoTime() - begin) * 1e-9);
  }

  /** Returns the seconds of processors that others have used since the machine was started. */
  double seconds() {
    try {
      double ticks = 0;
      String[] words = firstLine(proc.resolve("stat")).split(" +", -1);
      for (int column : BUSY) {
        ticks += Double.parseDouble(words[column]);
      }
      for (String process : ours) {
        ticks -= ticks(proc.resolve(process).resolve("stat"));
      }
      return ticks / TICKS_PER_SECOND;
    } catch (IOException | RuntimeException e) {
      return 0;
    }
  }

  private static double ticks(Path file) throws IOException {
    String line = firstLine(file);
    // The name of the process, in brackets, may hold spaces. User and system time are the 12th and
    // 13th words behind it.
    String[] words = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
    return Double.parseDouble(words[11]) + Double.parseDouble(words[12]);
  }

  private static String firstLine(Path file) throws IOException {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.findFirst().orElse("");
    }
  }
}
