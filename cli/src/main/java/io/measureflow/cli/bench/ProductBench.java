package io.measureflow.cli.bench;

import static io.measureflow.cli.bench.BenchCommand.BATCH;
import static io.measureflow.cli.bench.BenchCommand.COMPONENTS;
import static io.measureflow.cli.bench.BenchCommand.INPUTS;
import static io.measureflow.cli.bench.BenchCommand.OUTPUTS;
import static io.measureflow.cli.bench.BenchCommand.RANK;
import static io.measureflow.cli.bench.BenchCommand.SECONDS;
import static io.measureflow.cli.bench.BenchCommand.THREADS;
import static io.measureflow.cli.bench.BenchCommand.WARMUP;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.cli.bench.product.OpenBlas;
import io.measureflow.cli.bench.product.Product;
import io.measureflow.cli.bench.product.ProductComparison;
import io.measureflow.cli.bench.product.ProductKind;
import io.measureflow.cli.bench.product.ProductTable;
import io.measureflow.cli.bench.timing.PeakRate;
import io.measureflow.cli.bench.timing.Rounds;
import io.measureflow.cli.command.Setting;
import io.measureflow.cli.command.Wiring;
import io.measureflow.config.BackendConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ParseResult;

/**
 * {@code measureflow bench product}: the speed of matrix products of a backend, each compiled as a
 * program of its own, in turns with OpenBLAS on the same arrays in the same JVM.
 */
final class ProductBench {

  private static final String NONE = "none";

  private static final Choice PRODUCTS =
      new Choice(
          "--products",
          "NAMES",
          ProductKind.names(),
          "The products: X M', G' X, G A, G' Y, Y A' of a step, X U and X' V of a factored one, and"
              + " square products, either factor transposed (T) or not (N).");
  private static final Choice SQUARES =
      new Choice("--sizes", "LIST", "512,1024,2048", "The sizes of square products.");
  private static final Choice OPENBLAS =
      new Choice(
          "--openblas",
          "FILE",
          "the newest in ~/.javacpp/cache, which the backend nd4j fills, or that of the system",
          "The shared library of OpenBLAS, to run products in turns with; none: without it.");
  private static final Choice THREAD_COUNTS =
      new Choice(THREADS, "LIST", "1,2", "The numbers of threads.");

  static final List<Choice> CHOICES = List.of(PRODUCTS, SQUARES, OPENBLAS);

  private ProductBench() {}

  static void run(ParseResult arguments) {
    List<ProductKind> kinds =
        PRODUCTS.texts(arguments).stream()
            .map(name -> ProductKind.named(PRODUCTS.option(), name))
            .distinct()
            .toList();
    var sizes =
        new ProductKind.StepSizes(
            BATCH.wholeNumber(arguments),
            INPUTS.wholeNumber(arguments),
            OUTPUTS.wholeNumber(arguments),
            RANK.wholeNumber(arguments));
    List<Product> products =
        ProductKind.products(
            kinds, COMPONENTS.wholeNumbers(arguments), sizes, SQUARES.wholeNumbers(arguments));
    double seconds = SECONDS.seconds(arguments);
    double warmup = WARMUP.seconds(arguments);
    List<Integer> threadCounts = THREAD_COUNTS.wholeNumbers(arguments);
    // Several numbers of threads would not be one setting.
    List<Setting> settings =
        Setting.COMPUTING.stream().filter(setting -> !setting.option().equals(THREADS)).toList();
    Wiring wiring = Wiring.of(Setting.configuration(arguments, settings));
    Optional<OpenBlas> openBlas = openBlas(arguments);
    // The first call is the one that the JVM compiles.
    PeakRate.gigaflops();
    for (int threads : threadCounts) {
      BackendConfig config = wiring.config().backend().withThreads(threads);
      try (Backend backend = wiring.backends().open(config)) {
        time(backend, openBlas, products, warmup, seconds);
      }
    }
  }

  private static void time(
      Backend backend,
      Optional<OpenBlas> openBlas,
      List<Product> products,
      double warmup,
      double seconds) {
    Backend.Description description = backend.description();
    if (description.precision() != Precision.FLOAT32) {
      throw InvalidRequestException.of(
          "bench product",
          "a backend in float32",
          description.name() + " in " + description.precision(),
          "Pass --precision float32, or another --backend.");
    }
    var comparison = new ProductComparison(backend, openBlas, warmup, seconds);
    var table = new ProductTable(description.name(), description.threads(), openBlas.isPresent());
    for (Product product : products) {
      Rounds rounds = comparison.time(product);
      System.out.println(table.add(product, rounds, PeakRate.gigaflops()));
    }
    table.summary().forEach(System.out::println);
  }

  private static Optional<OpenBlas> openBlas(ParseResult arguments) {
    Optional<String> given = Setting.given(arguments, OPENBLAS.option());
    Optional<OpenBlas> found =
        given.isPresent()
            ? given
                .filter(path -> !path.equals(NONE))
                .map(path -> OpenBlas.load(OPENBLAS.option(), Path.of(path)))
            : OpenBlas.find(Path.of(System.getProperty("user.home")));
    System.out.println(
        found
            .map(library -> "OpenBLAS: " + library.coreName() + " (" + library.build() + ")")
            .orElse(
                given.isPresent()
                    ? "OpenBLAS: left out"
                    : "OpenBLAS: none found; " + OPENBLAS.option() + " FILE names one"));
    return found;
  }
}
