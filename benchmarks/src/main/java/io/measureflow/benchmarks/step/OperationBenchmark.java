package io.measureflow.benchmarks.step;

import io.measureflow.api.backend.Backend;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Times each {@link StepOperation}, to show where the time of a step goes. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class OperationBenchmark {

  /** The name of the backend. */
  @Param({"simd"})
  public String backend = "simd";

  /** The number of threads. */
  @Param({"1", "2"})
  public int threads = 1;

  /** The operation; all of them by default. */
  @Param public StepOperation operation = StepOperation.MEANS;

  /** The number of components. */
  @Param({"16", "64", "256", "1024"})
  public int components = 16;

  private @Nullable Backend opened;
  private @Nullable FilledProgram program;

  /** Compiles the operation. */
  @Setup(Level.Trial)
  public void open() {
    Backend device = NamedBackends.open(backend, threads);
    opened = device;
    program = new FilledProgram(device, operation.program(components));
  }

  /** Releases the backend, and with it the program. */
  @TearDown(Level.Trial)
  public void close() {
    if (opened != null) {
      opened.close();
    }
  }

  /** Runs the operation once. */
  @Benchmark
  public void run() {
    if (program != null) {
      program.run();
    }
  }
}
