package io.measureflow.benchmarks.data;

import io.measureflow.Backends;
import io.measureflow.Datasets;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.HeldRows;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Scaling;
import io.measureflow.api.data.Table;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.core.augmentation.Augmentation;
import io.measureflow.core.augmentation.ImageAugmenter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Measures how many batches of 128 random rows, with their targets, training can be fed with per
 * second: rows as they are stored and standardized ones, each gathered on the host as for any
 * backend, the same shifted and flipped at random where they are images, and drawn by the backend
 * from a resident table, in a program that does hardly more.
 *
 * <pre>
 * java --add-modules jdk.incubator.vector --add-opens=java.base/java.nio=ALL-UNNAMED \
 *     --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
 *     -cp 'benchmarks/target/benchmarks.jar:benchmarks/target/lib/*' \
 *     io.measureflow.benchmarks.data.FeedRate NAME DATA [BACKEND]
 * </pre>
 */
public final class FeedRate {

  private static final int BATCH = 128;
  private static final int ROUNDS = 15;
  private static final String FEATURES = "features";

  private FeedRate() {}

  /** Runs the measurement. */
  public static void main(String[] args) {
    DatasetRequest request = DatasetRequest.of(args[0], Optional.of(Path.of(args[1])));
    measure("as stored", request, args);
    measure("standardized", request.withScaling(Optional.of(Scaling.STANDARDISE)), args);
  }

  private static void measure(String name, DatasetRequest request, String[] args) {
    try (Dataset dataset = Datasets.onClassPath().load(request);
        Backend backend = Backends.open(args.length > 2 ? args[2] : "simd");
        Workspace workspace = backend.newWorkspace()) {
      Table table = dataset.train();
      int width = dataset.schema().featureCount();
      int[] order = shuffled(table.rows());
      Tensor features = Tensor.zeros(Shape.of(BATCH, width), ElementType.FLOAT32);
      Tensor targets = Tensor.zeros(Shape.of(BATCH), ElementType.INT32);
      report(
          name + ", gathered",
          order,
          from -> {
            table.features(order, from, features);
            table.targets(order, from, targets);
          });
      dataset
          .schema()
          .image()
          .ifPresent(
              image -> {
                var augmenter =
                    new ImageAugmenter(
                        Augmentation.shift(3).andFlip(), image, dataset.preprocessing(), 1);
                report(
                    name + ", gathered, shifted and flipped",
                    order,
                    from -> {
                      table.features(order, from, features);
                      augmenter.apply(features, 1, from);
                      table.targets(order, from, targets);
                    });
              });
      Optional<HeldRows> held =
          table.bytes().flatMap(workspace::hold).or(() -> table.whole().flatMap(workspace::hold));
      if (held.isEmpty()) {
        System.out.printf("%s, drawn by the backend: no resident table%n", name);
        return;
      }
      var builder = new ProgramBuilder("feed");
      builder.output(
          "first", builder.sliceColumns(builder.input(FEATURES, Shape.of(BATCH, width)), 0, 1));
      try (Executable executable =
          workspace.compile(builder.build(), Map.of(FEATURES, held.get()))) {
        MemorySegment rows = executable.input(FEATURES).memory();
        report(
            name + ", drawn by the backend",
            order,
            from -> {
              MemorySegment.copy(order, from, rows, ValueLayout.JAVA_INT, 0, BATCH);
              table.targets(order, from, targets);
              executable.run();
            });
      }
    }
  }

  /** What feeds the batch that begins at a place of the order. */
  private interface Feed {
    void batch(int from);
  }

  private static void report(String name, int[] order, Feed feed) {
    int batches = order.length / BATCH;
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long begin = System.nanoTime();
      for (int i = 0; i < batches; i++) {
        feed.batch(i * BATCH);
      }
      best = Math.max(best, batches / ((System.nanoTime() - begin) * 1e-9));
    }
    System.out.printf(
        Locale.ROOT, "%-44s %8.0f batches per second, best of %d passes%n", name, best, ROUNDS);
  }

  private static int[] shuffled(int count) {
    var random = new SplittableRandom(1);
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }
}
