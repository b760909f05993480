package io.measureflow.fuzzing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * The result of a run.
 *
 * @param target the name of the target
 * @param seed the seed
 * @param inputs the number of inputs
 * @param accepted the number of inputs that were read
 * @param refused the number of inputs that were refused with a proper message
 * @param behaviours the number of distinct behaviours: places where an input was refused, or
 *     results of reading it
 * @param mostHeap the maximum heap bytes for one input
 * @param mostNative the maximum bytes outside the heap for one input
 * @param slowest the longest time for one input, in seconds
 * @param seconds the time of the run
 * @param findings the failures
 */
public record FuzzReport(
    String target,
    long seed,
    int inputs,
    int accepted,
    int refused,
    int behaviours,
    long mostHeap,
    long mostNative,
    double slowest,
    double seconds,
    List<Finding> findings) {

  /** Copies the list. */
  public FuzzReport {
    findings = List.copyOf(findings);
  }

  /** The kinds of failures. */
  public enum Kind {
    /** An exception other than the documented one. */
    EXCEPTION,
    /** A message that does not name the file, or contains unprintable characters. */
    MESSAGE,
    /** No result in time. */
    HANG,
    /** More memory than the size of the input justifies. */
    MEMORY,
    /** Memory that was not freed. */
    LEAK
  }

  /**
   * An input that caused a failure.
   *
   * @param kind the kind of failure
   * @param number the number of the input in the run
   * @param input the input
   * @param detail the exception with its stack, or the numbers
   */
  // An input is only stored and printed, never compared.
  @SuppressWarnings("ArrayRecordComponent")
  public record Finding(Kind kind, int number, byte[] input, String detail) {}

  /** Returns the findings in full; empty if there are none. */
  public String details() {
    var text = new StringBuilder();
    for (Finding finding : findings) {
      text.append(finding.kind())
          .append(" at input ")
          .append(finding.number())
          .append(" of ")
          .append(target)
          .append(" with seed ")
          .append(seed)
          .append(":\n")
          .append(finding.detail())
          .append('\n');
    }
    return text.toString();
  }

  /** Saves each finding as a file with its input, to be read again, and one with the details. */
  public void save(Path folder) throws IOException {
    Files.createDirectories(folder);
    for (Finding finding : findings) {
      String name =
          (target + "-" + finding.kind() + "-" + seed + "-" + finding.number())
              .toLowerCase(Locale.ROOT);
      Files.write(folder.resolve(name + ".bin"), finding.input());
      Files.writeString(folder.resolve(name + ".txt"), finding.detail());
    }
  }

  /** Returns a summary of the run on one line. */
  public String summary() {
    return String.format(
        Locale.ROOT,
        "%-20s seed %d: %d inputs in %.1f s, %d accepted, %d refused, %d behaviours,"
            + " most heap %.1f MB, most native %.1f MB, slowest %.2f s, %d findings",
        target,
        seed,
        inputs,
        seconds,
        accepted,
        refused,
        behaviours,
        mostHeap / 1e6,
        mostNative / 1e6,
        slowest,
        findings.size());
  }
}
