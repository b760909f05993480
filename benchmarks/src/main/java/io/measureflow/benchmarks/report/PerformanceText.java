package io.measureflow.benchmarks.report;

import io.measureflow.benchmarks.machine.Machine;
import io.measureflow.benchmarks.step.MixtureStep;
import io.measureflow.benchmarks.step.StepCase;
import io.measureflow.benchmarks.timing.Statistics;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** The report in Markdown, to be placed below a heading of another document. */
public final class PerformanceText {

  private static final String NONE = "";
  private static final String COMMAND =
      """
      java --add-modules jdk.incubator.vector --add-opens=java.base/java.nio=ALL-UNNAMED \\
          --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \\
          -cp 'benchmarks/target/benchmarks.jar:benchmarks/target/lib/*' \\
          io.measureflow.benchmarks.PerformanceReport --out DIR \\
      """;

  private final Results results;
  private final Optional<PeerTimes> peer;
  private final List<Integer> threads;
  private final int most;
  private final StringBuilder text = new StringBuilder();

  private PerformanceText(Results results, Optional<PeerTimes> peer) {
    this.results = results;
    this.peer = peer;
    threads = results.threads();
    most = threads.getLast();
  }

  /**
   * Writes the report.
   *
   * @param about the description of the machine
   * @param peer the times of PyTorch, if any
   * @param picture the file name of the roofline plot
   */
  public static String of(
      SequencedMap<String, String> about,
      Results results,
      Optional<PeerTimes> peer,
      String picture) {
    var report = new PerformanceText(results, peer);
    report.machine(about);
    report.table();
    report.summary();
    report.text.append("\n![Roofline](").append(picture).append(")\n");
    report.paragraph(
        "*Numbers beside points are K. Compulsory traffic is each trained parameter read and"
            + " written once and the batch read once; parameters that stay in the caches from step"
            + " to step may lie above the slope.*");
    return report.text.toString();
  }

  private void machine(Map<String, String> about) {
    about.forEach(
        (key, value) -> {
          if (!key.equals(Machine.OPTIONS)) {
            text.append("- ").append(key).append(": ").append(value).append('\n');
          }
        });
    text.append("\n```\n").append(COMMAND).append("    ");
    text.append(about.getOrDefault(Machine.OPTIONS, ""));
    text.append(peer.isPresent() ? " --peer FILE\n" : "\n").append("```\n");
    paragraph(
        ("A step is forward, loss, gradients and Wasserstein step of one mixture layer: %d rows of"
                + " %d features, %d classes, relu, no bias. Every case was visited in %d rounds;"
                + " times are medians over rounds, and factors and shares are medians of ratios of"
                + " neighbouring measurements. The best product is the faster one of simd and nd4j"
                + " (OpenBLAS) for 1024 x 1024 matrices.")
            .formatted(
                MixtureStep.BATCH, MixtureStep.FEATURES, MixtureStep.CLASSES, results.rounds()));
  }

  private void table() {
    var header = new ArrayList<>(List.of("family", "K"));
    threads.forEach(count -> header.add(counted(count) + ", ms"));
    if (threads.size() > 1) {
      header.add("factor");
    }
    header.add("GFLOP/s");
    threads.forEach(count -> header.add("share of product, " + counted(count)));
    if (peer.isPresent()) {
      header.addAll(List.of("PyTorch, ms", "times as fast"));
    }
    text.append('\n').append(row(header)).append("|---");
    text.append("|---:".repeat(header.size() - 1)).append("|\n");
    results.cases().forEach(step -> text.append(row(cells(step))));
  }

  private List<String> cells(StepCase step) {
    var cells = new ArrayList<>(List.of(step.family(), String.valueOf(step.components())));
    threads.forEach(count -> cells.add(number("%.3f", results.milliseconds(step, count))));
    if (threads.size() > 1) {
      cells.add(number("%.2f", results.factor(step)));
    }
    cells.add(number("%.1f", results.rate(step, most)));
    threads.forEach(count -> cells.add(percent(results.share(step, count))));
    if (peer.isPresent()) {
      cells.add(number("%.3f", peer.get().milliseconds(step, most)));
      cells.add(number("%.2f", ratio(step)));
    }
    return cells;
  }

  private void summary() {
    text.append('\n');
    for (int count : threads) {
      var range = results.productRates(count);
      double nd4j = results.machine(count, Reading.Calibration::nd4j);
      point(
          String.format(
              Locale.ROOT,
              "Best product with %s: %.0f GFLOP/s (simd %.0f, nd4j %s); between %.0f and %.0f along"
                  + " the measurement. Memory: %.1f GB/s.",
              counted(count),
              results.machine(count, Reading.Calibration::product),
              results.machine(count, Reading.Calibration::simd),
              Double.isNaN(nd4j) ? "not available" : String.format(Locale.ROOT, "%.0f", nd4j),
              range.getMin(),
              range.getMax(),
              results.machine(count, Reading.Calibration::bandwidth)));
    }
    List<StepCase> all = results.cases();
    for (int count : threads) {
      point(
          "Share of the best product with "
              + counted(count)
              + ": "
              + extremes(all, step -> results.share(step, count), PerformanceText::percent));
    }
    means(
        "Factor of " + counted(most) + " over " + counted(threads.getFirst()),
        all.stream().filter(step -> results.factor(step).isPresent()).toList(),
        step -> results.factor(step).orElseThrow());
    if (peer.isPresent()) {
      means(
          "Times as fast as PyTorch, the better of its modes, with " + counted(most),
          all.stream().filter(step -> ratio(step).isPresent()).toList(),
          step -> ratio(step).orElseThrow());
    }
  }

  /** A bullet point about ratios; nothing if there are none. */
  private void means(String what, List<StepCase> cases, ToDoubleFunction<StepCase> ratio) {
    if (!cases.isEmpty()) {
      point(
          String.format(
              Locale.ROOT,
              "%s: geometric mean %.2f over %d cases, %s",
              what,
              Statistics.geometricMean(cases.stream().mapToDouble(ratio)),
              cases.size(),
              extremes(cases, ratio, value -> String.format(Locale.ROOT, "%.2f", value))));
    }
  }

  private static String extremes(
      List<StepCase> cases, ToDoubleFunction<StepCase> what, Shown shown) {
    var order = Comparator.comparingDouble(what);
    StepCase least = cases.stream().min(order).orElseThrow();
    StepCase most = cases.stream().max(order).orElseThrow();
    return "least %s (%s), most %s (%s)."
        .formatted(
            shown.of(what.applyAsDouble(least)), least, shown.of(what.applyAsDouble(most)), most);
  }

  /** Formats a number. */
  @FunctionalInterface
  private interface Shown {
    String of(double value);
  }

  private OptionalDouble ratio(StepCase step) {
    OptionalDouble other =
        peer.map(times -> times.milliseconds(step, most)).orElseGet(OptionalDouble::empty);
    return other.isPresent()
        ? OptionalDouble.of(other.getAsDouble() / results.milliseconds(step, most))
        : other;
  }

  private void point(String line) {
    text.append("- ").append(line).append('\n');
  }

  private void paragraph(String paragraph) {
    text.append('\n').append(paragraph).append('\n');
  }

  private static String row(List<String> cells) {
    return cells.stream().collect(Collectors.joining(" | ", "| ", " |\n"));
  }

  private static String counted(int threads) {
    return threads == 1 ? "1 thread" : threads + " threads";
  }

  private static String percent(double fraction) {
    return String.format(Locale.ROOT, "%.0f %%", 100 * fraction);
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }

  private static String number(String format, OptionalDouble value) {
    return value.isPresent() ? number(format, value.getAsDouble()) : NONE;
  }
}
