package io.measureflow.simd.product;

import io.measureflow.simd.kernels.KernelChoice;
import io.measureflow.simd.kernels.WarmUp;
import java.lang.foreign.Arena;
import java.util.Locale;

/**
 * Times every tile alone, after the warm-up of the backend, and prints one line: the share of the
 * fastest tile's rate that each reaches, and that rate. What the JVM compiles differs from start to
 * start, so run it several times, with the options of the launcher:
 *
 * <pre>java OPTIONS -cp ... io.measureflow.simd.product.TileRates</pre>
 */
final class TileRates {

  private static final int DEPTH = 256;
  private static final int CALLS = 400;
  private static final int BURSTS = 200;

  private TileRates() {}

  public static void main(String[] arguments) {
    new WarmUp(KernelChoice.here().kernels()).run();
    ProductKernels kernels = KernelChoice.here().kernels().products();
    int width = kernels.panelWidth();
    int[] heights = {kernels.tileRows(), ProductKernels.SMALL_TILE_ROWS};
    int most = kernels.vectors(width);
    double[] rates = new double[heights.length * most];
    float[] left = new float[16 * ProductPlan.ROW_STRIDE];
    float[] sums = new float[16 * width];
    try (Arena arena = Arena.ofConfined()) {
      long panel = PanelMemory.allocate(arena, (long) DEPTH * width).address();
      // In turns, so that all of them meet the same clock rates.
      for (int burst = 0; burst < BURSTS; burst++) {
        for (int tile = 0; tile < rates.length; tile++) {
          int rows = heights[tile / most];
          int vectors = 1 + tile % most;
          long start = System.nanoTime();
          for (int call = 0; call < CALLS; call++) {
            kernels.multiply(rows, vectors, DEPTH, left, 0, panel, sums, 0, width, sums, 0, width);
          }
          double operations = 2.0 * rows * vectors * kernels.lanes() * DEPTH * CALLS;
          rates[tile] = Math.max(rates[tile], operations / (System.nanoTime() - start));
        }
      }
    }
    double best = 0;
    for (double rate : rates) {
      best = Math.max(best, rate);
    }
    var line = new StringBuilder();
    for (int tile = 0; tile < rates.length; tile++) {
      line.append(
          String.format(
              Locale.ROOT,
              "%dx%d %.2f  ",
              heights[tile / most],
              1 + tile % most,
              rates[tile] / best));
    }
    System.out.println(line + String.format(Locale.ROOT, "best %.0f GFLOP/s", best));
  }
}
