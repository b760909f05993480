package io.measureflow.benchmarks.step;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Watches the memory of the process over many training steps (a {@link MixtureStep}, diagonal, 64
 * components), each with a new random batch: the resident memory as Linux counts it and the used
 * Java heap, in KiB, and the heap bytes allocated per step by all threads.
 *
 * <pre>
 * java --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
 *     -cp 'benchmarks/target/benchmarks.jar:benchmarks/target/lib/*' \
 *     io.measureflow.benchmarks.step.ResidentMemory BACKEND [STEPS]
 * </pre>
 */
public final class ResidentMemory {

  private static final int COMPONENTS = 64;
  private static final int ROWS = 10;

  private ResidentMemory() {}

  /** Runs the steps and prints the memory. */
  public static void main(String[] args) throws IOException {
    int steps = args.length > 1 ? Integer.parseInt(args[1]) : 20_000;
    int each = Math.max(1, steps / ROWS);
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    int processors = Runtime.getRuntime().availableProcessors();
    try (var step = new MixtureStep(args[0], processors, "diagonal", COMPONENTS)) {
      System.out.printf(
          Locale.ROOT, "%8s %10s %10s %15s%n", "step", "rss_kib", "heap_kib", "bytes_per_step");
      for (int done = 0; done < steps; ) {
        int part = Math.min(each, steps - done);
        long before = threads.getTotalThreadAllocatedBytes();
        for (int i = 0; i < part; i++) {
          step.newBatch();
          step.run();
        }
        double bytes = (double) (threads.getTotalThreadAllocatedBytes() - before) / part;
        done += part;
        Runtime runtime = Runtime.getRuntime();
        System.out.printf(
            Locale.ROOT,
            "%8d %10d %10d %15.1f%n",
            done,
            residentKibibytes(),
            (runtime.totalMemory() - runtime.freeMemory()) / 1024,
            bytes);
      }
      if (!Double.isFinite(step.loss())) {
        throw new IllegalStateException("Expected a finite loss, found " + step.loss());
      }
    }
  }

  private static long residentKibibytes() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElseThrow();
  }
}
