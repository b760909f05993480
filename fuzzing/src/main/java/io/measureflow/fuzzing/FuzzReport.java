package io.measureflow.fuzzing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * What a run found.
 *
 * @param target the name of the target
 * @param seed the seed
 * @param inputs how many inputs were read
 * @param accepted how many were read without complaint
 * @param refused how many were refused as they should be
 * @param behaviours how many different behaviours were seen: places where an input was refused,
 *     answers where it was not
 * @param mostHeap the most bytes of heap that one input took
 * @param mostNative the most bytes outside of the heap that one input held
 * @param slowest the longest that one input took, seconds
 * @param seconds the time of the run
 * @param findings what must not happen and did
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

  /** What must not happen. */
  public enum Kind {
    /** Another exception than the one that is documented. */
    EXCEPTION,
    /** A message that does not name the file, or cannot be shown as it is. */
    MESSAGE,
    /** No answer in time. */
    HANG,
    /** More memory than the size of the input explains. */
    MEMORY,
    /** Memory that was not given back. */
    LEAK
  }

  /**
   * An input that did harm.
   *
   * @param kind what happened
   * @param number which input of the run it was
   * @param input the input
   * @param detail the exception with its stack, or the numbers
   */
  // An input is shown and kept, never compared.
  @SuppressWarnings("ArrayRecordComponent")
  public record Finding(Kind kind, int number, byte[] input, String detail) {}

  /** The findings in full, or nothing. */
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

  /** Keeps each finding as a file with its input, to be read again, and one with what happened. */
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

  /** The run in one line. */
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
