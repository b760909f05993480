package io.measureflow.simd;

import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import io.measureflow.simd.kernels.Kernels;
import java.util.Arrays;

/**
 * Measures the latency of predicting one row as long as MNIST's. Not a test: run it by hand, on one
 * processor ({@code taskset -c 0}), with the number of threads and of rows.
 */
public final class SingleRowLatency {

  private static final int FEATURES = 784;
  private static final int UNITS = 256;
  private static final int OUTPUTS = 10;
  private static final int WARM_UP = 20_000;
  private static final int RUNS = 20_000;

  private SingleRowLatency() {}

  /**
   * Returns a diagonal layer that predicts one row; values that depend only on parameters are
   * states.
   */
  public static Program predictor(int rows) {
    var builder = new ProgramBuilder("predict");
    Value x = builder.appendOnes(builder.input("x", Shape.of(rows, FEATURES)));
    Value mean = builder.state("mean", Shape.of(UNITS, FEATURES + 1));
    Value deviation = builder.state("deviation", Shape.of(UNITS, FEATURES + 1));
    Value out = builder.state("out", Shape.of(UNITS, OUTPUTS));
    Value means = builder.matMul(x, false, mean, true);
    Value variances = builder.varianceProduct(x, deviation);
    Value activations = builder.reluMoment(means, variances, 0);
    builder.output("y", builder.matMul(activations, false, out, false));
    return builder.build();
  }

  public static void main(String[] arguments) {
    int threads = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1;
    int rows = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1;
    try (var backend =
            new SimdBackendProvider().open(BackendSettings.of(threads, Precision.FLOAT32));
        var workspace = backend.newWorkspace();
        var executable = workspace.compile(predictor(rows))) {
      for (String state : workspace.states()) {
        var value = workspace.read(state);
        for (int i = 0; i < value.shape().size(); i++) {
          value.set(i, 0.01 * Math.sin(i));
        }
        workspace.write(state, value);
      }
      var x = executable.input("x");
      for (int i = 0; i < x.shape().size(); i++) {
        x.set(i, Math.max(0, Math.cos(i)));
      }
      System.out.println(backend.description().version());
      for (int i = 0; i < WARM_UP; i++) {
        executable.run();
      }
      long[] nanos = new long[RUNS];
      for (int i = 0; i < RUNS; i++) {
        long start = System.nanoTime();
        executable.run();
        nanos[i] = System.nanoTime() - start;
      }
      Arrays.sort(nanos);
      System.out.printf(
          "a run of %d row(s): median %.1f us, best tenth %.1f us%n",
          rows, nanos[RUNS / 2] * 1e-3, nanos[RUNS / 10] * 1e-3);
      System.out.printf("reading 1.6 MB: median %.1f us%n", readingTime());
    }
  }

  /** Returns the time to read the parameters once, with as little arithmetic as possible. */
  private static double readingTime() {
    float[] a = new float[UNITS * (FEATURES + 1)];
    float[] b = new float[UNITS * (FEATURES + 1)];
    Kernels kernels = Kernels.best();
    long[] nanos = new long[2 * RUNS];
    float sum = 0;
    for (int run = 0; run < nanos.length; run++) {
      long start = System.nanoTime();
      for (int i = 0; i + Kernels.SUM_RUN <= a.length; i += Kernels.SUM_RUN) {
        sum += kernels.sum(a, i, Kernels.SUM_RUN) + kernels.sum(b, i, Kernels.SUM_RUN);
      }
      nanos[run] = System.nanoTime() - start;
    }
    if (sum != 0) {
      throw new IllegalStateException();
    }
    Arrays.sort(nanos, RUNS, nanos.length);
    return nanos[RUNS + RUNS / 2] * 1e-3;
  }
}
