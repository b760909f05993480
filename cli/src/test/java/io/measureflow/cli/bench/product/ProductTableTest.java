package io.measureflow.cli.bench.product;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.measureflow.cli.bench.timing.Rounds;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class ProductTableTest {

  private static Product square(int size) {
    return new Product("NN", size, size, size, false, false);
  }

  private static Rounds rounds(double... oursThenOthers) {
    var rounds = new Rounds(1);
    rounds.add(oursThenOthers, 0);
    return rounds;
  }

  @Test
  void aLineHasBothRatesAndTheirRatio() {
    var table = new ProductTable("simd", 2, true);
    // 2 * 1000^3 operations in 20 and 25 ms.
    assertEquals(
        "NN    1000 x  1000 x  1000 threads=2  simd 100.0  OpenBLAS 80.0 GFLOP/s"
            + "  ratio 1.25 (1.25 to 1.25)  peak of a core 64",
        table.add(square(1000), rounds(0.020, 0.025), OptionalDouble.of(64.2)));
  }

  @Test
  void theSummaryNamesWhatIsSlowUnlessItIsShort() {
    var table = new ProductTable("simd", 1, true);
    table.add(square(100), rounds(40e-6, 20e-6), OptionalDouble.empty());
    table.add(square(200), rounds(1e-3, 2e-3), OptionalDouble.empty());
    // OpenBLAS takes less than 10 microseconds: not reported, but counted.
    table.add(square(10), rounds(36e-6, 9e-6), OptionalDouble.empty());
    table.add(square(300), rounds(1, 4), OptionalDouble.empty());
    assertEquals(
        List.of(
            "threads=1: OpenBLAS' time / ours: geometric mean 1.000 of 4, least 0.25 (NN 10x10x10)",
            "threads=1: below 0.85, of those that take OpenBLAS 10 microseconds or more:"
                + " NN 100x100x100 0.50"),
        table.summary());
  }

  @Test
  void withoutOpenBlasThereAreRatesAlone() {
    var table = new ProductTable("simd", 1, false);
    assertEquals(
        "NN     100 x   100 x   100 threads=1  simd 2.0 GFLOP/s",
        table.add(square(100), rounds(1e-3), OptionalDouble.empty()));
    assertEquals(List.of(), table.summary());
  }
}
