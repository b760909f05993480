package io.measureflow.benchmarks.step;

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

/** Times a {@link MixtureStep}. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class TrainingStepBenchmark {

  /** The name of the backend. */
  @Param({"simd"})
  public String backend = "simd";

  /** The number of threads. */
  @Param({"1", "2"})
  public int threads = 1;

  /** The family of the components. */
  @Param({"dirac", "isotropic", "diagonal", "factored"})
  public String family = "dirac";

  /** The number of components. */
  @Param({"16", "64", "256", "1024"})
  public int components = 16;

  private @Nullable MixtureStep step;

  /** Compiles the step. */
  @Setup(Level.Trial)
  public void open() {
    step = new MixtureStep(backend, threads, family, components);
  }

  /** Releases the backend. */
  @TearDown(Level.Trial)
  public void close() {
    if (step != null) {
      step.close();
    }
  }

  /** Runs one step. */
  @Benchmark
  public void step() {
    if (step != null) {
      step.run();
    }
  }
}
