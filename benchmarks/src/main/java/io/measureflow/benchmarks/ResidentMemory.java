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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.SplittableRandom;

/**
 * The memory of the process along many training steps (diagonal, 64 components, relu, 128 rows of
 * 784 features, 10 classes), each with a new random batch: resident memory as Linux counts it, and
 * the part of the Java heap in use, in KiB.
 *
 * <pre>
 * java --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
 *     -cp 'benchmarks/target/benchmarks.jar:benchmarks/target/lib/*' \
 *     io.measureflow.benchmarks.ResidentMemory BACKEND [STEPS]
 * </pre>
 */
public final class ResidentMemory {

  private static final int BATCH = 128;
  private static final int FEATURES = 784;
  private static final int CLASSES = 10;
  private static final int COMPONENTS = 64;
  private static final int ROWS = 10;

  private ResidentMemory() {}

  /** Measures. */
  public static void main(String[] args) throws IOException {
    int steps = args.length > 1 ? Integer.parseInt(args[1]) : 20_000;
    BackendProvider provider =
        ServiceLoader.load(BackendProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(candidate -> candidate.name().equals(args[0]))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("No backend is called " + args[0]));
    var settings =
        BackendSettings.of(
            Runtime.getRuntime().availableProcessors(), provider.precisions().getFirst());
    var model =
        new ModelSpec(
            List.of(
                new LayerSpec.GaussianMixture(
                    Families.DIAGONAL, Activations.RELU, false, FEATURES, CLASSES, COMPONENTS, 0)));
    try (Backend backend = provider.open(settings);
        Workspace workspace = backend.newWorkspace();
        Executable step =
            workspace.compile(
                TrainingPrograms.step(
                    model,
                    Objective.of(Loss.SOFTMAX_CROSS_ENTROPY),
                    Flows.get("wasserstein", Map.of()),
                    Motion.USUAL,
                    false,
                    BATCH))) {
      Initialization.parameters(model, 1, backend.description().precision())
          .forEach(workspace::write);
      step.input(TrainingPrograms.RATE).set(0, 0.1);
      step.input(TrainingPrograms.STEP).set(0, 1);
      Tensor features = step.input(TrainingPrograms.FEATURES);
      Tensor targets = step.input(TrainingPrograms.TARGETS);
      var random = new SplittableRandom(1);
      System.out.printf(Locale.ROOT, "%8s %10s %10s%n", "step", "rss_kib", "heap_kib");
      int reported = 0;
      for (int i = 1; i <= steps; i++) {
        for (int j = 0; j < features.shape().size(); j++) {
          features.set(j, random.nextDouble());
        }
        for (int row = 0; row < BATCH; row++) {
          targets.set(row, random.nextInt(CLASSES));
        }
        step.run();
        if ((long) i * ROWS / steps > reported) {
          reported++;
          Runtime runtime = Runtime.getRuntime();
          System.out.printf(
              Locale.ROOT,
              "%8d %10d %10d%n",
              i,
              residentKibibytes(),
              (runtime.totalMemory() - runtime.freeMemory()) / 1024);
        }
      }
      double loss = step.output(TrainingPrograms.LOSS).get(0);
      if (!Double.isFinite(loss)) {
        throw new IllegalStateException("Expected a finite loss, found " + loss);
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
