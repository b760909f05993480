package io.measureflow.cli.bench.product;

import io.measureflow.cli.bench.timing.Quartiles;
import io.measureflow.cli.bench.timing.Ratios;
import io.measureflow.cli.bench.timing.Rounds;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** The lines about the products of one number of threads. */
public final class ProductTable {

  private static final int OURS = 0;
  private static final int OTHERS = 1;

  /** Of OpenBLAS' speed; less is reported by name. */
  private static final double ENOUGH = 0.85;

  /** Of shorter products the time between them is a large part. */
  private static final double SHORTEST_SECONDS = 10e-6;

  private final String backend;
  private final int threads;
  private final boolean comparing;
  private final Ratios ratios = new Ratios();
  private final List<String> slow = new ArrayList<>();

  /**
   * @param backend the name of the backend
   * @param threads its number of threads
   * @param comparing whether there are times of OpenBLAS, too
   */
  public ProductTable(String backend, int threads, boolean comparing) {
    this.backend = backend;
    this.threads = threads;
    this.comparing = comparing;
  }

  /**
   * Adds a product and returns its line.
   *
   * @param rounds the times of ours and, when comparing, of OpenBLAS, in seconds
   * @param peak what one processor can do at the moment, in GFLOP/s, if it could be measured
   */
  public String add(Product product, Rounds rounds, OptionalDouble peak) {
    var line = new StringBuilder();
    append(
        line,
        "%-4s %5d x %5d x %5d threads=%d  %s %.1f",
        product.name(),
        product.m(),
        product.n(),
        product.k(),
        threads,
        backend,
        rate(product, rounds, OURS));
    if (comparing) {
      Quartiles ratio = rounds.ratios(OTHERS, OURS);
      append(line, "  OpenBLAS %.1f GFLOP/s", rate(product, rounds, OTHERS));
      append(line, "  ratio %.2f (%.2f to %.2f)", ratio.median(), ratio.lower(), ratio.upper());
      ratios.add(product.label(), ratio.median());
      if (ratio.median() < ENOUGH && !(rounds.median(OTHERS) < SHORTEST_SECONDS)) {
        slow.add(String.format(Locale.ROOT, "%s %.2f", product.label(), ratio.median()));
      }
    } else {
      line.append(" GFLOP/s");
    }
    peak.ifPresent(rate -> append(line, "  peak of a core %.0f", rate));
    return line + (rounds.disturbed() ? "  others were busy" : "");
  }

  private static double rate(Product product, Rounds rounds, int contestant) {
    return product.operations() / rounds.median(contestant) / 1e9;
  }

  /** Returns the lines that sum up the comparison; none without one. */
  public List<String> summary() {
    if (ratios.size() == 0) {
      return List.of();
    }
    return List.of(
        String.format(
            Locale.ROOT,
            "threads=%d: OpenBLAS' time / ours: geometric mean %.3f of %d, least %.2f (%s)",
            threads,
            ratios.geometricMean().orElseThrow(),
            ratios.size(),
            ratios.least().getValue(),
            ratios.least().getKey()),
        String.format(
            Locale.ROOT,
            "threads=%d: below %.2f, of those that take OpenBLAS 10 microseconds or more: %s",
            threads,
            ENOUGH,
            slow.isEmpty() ? "none" : String.join(", ", slow)));
  }

  @SuppressWarnings("AnnotateFormatMethod") // No dependence for an annotation.
  private static void append(StringBuilder line, String format, Object... values) {
    line.append(String.format(Locale.ROOT, format, values));
  }
}
