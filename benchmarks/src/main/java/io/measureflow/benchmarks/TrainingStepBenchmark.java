package io.measureflow.benchmarks;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendProvider;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.model.LayerSpec;
import io.measureflow.api.model.Loss;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.families.Families;
import io.measureflow.core.flows.Flows;
import io.measureflow.core.model.Initialization;
import io.measureflow.core.training.Motion;
import io.measureflow.core.training.Objective;
import io.measureflow.core.training.TrainingPrograms;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.SplittableRandom;
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

/**
 * One training step (forward, loss, gradients, Wasserstein step) of a mixture layer under softmax
 * cross-entropy: 128 rows of 784 dense features, 10 classes, relu, no bias.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class TrainingStepBenchmark {

  private static final int BATCH = 128;
  private static final int FEATURES = 784;
  private static final int CLASSES = 10;
  private static final int RANK = 4;

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

  private @Nullable Backend openBackend;
  private @Nullable Executable step;

  /** Opens the backend, compiles the step and fills its inputs with the same numbers every time. */
  @Setup(Level.Trial)
  public void open() {
    BackendProvider provider =
        ServiceLoader.load(BackendProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(candidate -> candidate.name().equals(backend))
            .findFirst()
            .orElseThrow();
    Backend opened = provider.open(BackendSettings.of(threads, provider.precisions().getFirst()));
    openBackend = opened;
    var model =
        new ModelSpec(
            List.of(
                new LayerSpec.GaussianMixture(
                    Families.onClassPath().get(family),
                    Activations.RELU,
                    false,
                    FEATURES,
                    CLASSES,
                    components,
                    family.equals("factored") ? RANK : 0)));
    Workspace workspace = opened.newWorkspace();
    Executable compiled =
        workspace.compile(
            TrainingPrograms.step(
                model,
                Objective.of(Loss.SOFTMAX_CROSS_ENTROPY),
                Flows.get("wasserstein", Map.of()),
                Motion.USUAL,
                false,
                BATCH));
    Initialization.parameters(model, 1, opened.description().precision()).forEach(workspace::write);
    var random = new SplittableRandom(1);
    Tensor features = compiled.input(TrainingPrograms.FEATURES);
    for (int i = 0; i < features.shape().size(); i++) {
      features.set(i, random.nextDouble());
    }
    Tensor targets = compiled.input(TrainingPrograms.TARGETS);
    for (int i = 0; i < BATCH; i++) {
      targets.set(i, random.nextInt(CLASSES));
    }
    compiled.input(TrainingPrograms.RATE).set(0, 0.01);
    compiled.input(TrainingPrograms.STEP).set(0, 1);
    step = compiled;
  }

  /** Releases the backend. */
  @TearDown(Level.Trial)
  public void close() {
    if (openBackend != null) {
      openBackend.close();
    }
  }

  /** One step. */
  @Benchmark
  public void step() {
    if (step != null) {
      step.run();
    }
  }
}
