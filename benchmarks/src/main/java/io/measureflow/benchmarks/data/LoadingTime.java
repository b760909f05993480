package io.measureflow.benchmarks.data;

import io.measureflow.Datasets;
import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.Table;
import io.measureflow.api.program.Shape;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Times the way from files to batches: loads a dataset with classes and gathers all its training
 * rows in batches of 128. The first line is from a fresh process, the others are from a warm one.
 * The same in NumPy, for comparison:
 *
 * <pre>
 * x = numpy.frombuffer(gzip.open(images).read(), numpy.uint8, offset=16).reshape(-1, 784)
 * x = x.astype(numpy.float32) / 255; y = numpy.frombuffer(gzip.open(labels).read(), numpy.uint8, offset=8)
 * for i in range(0, len(x), 128): x[i:i + 128].copy(); y[i:i + 128].astype(numpy.int32)
 * </pre>
 *
 * and the same for the files with the test rows.
 *
 * <pre>
 * java -cp 'benchmarks/target/benchmarks.jar:benchmarks/target/lib/*' \
 *     io.measureflow.benchmarks.data.LoadingTime NAME DATA REPEATS
 * </pre>
 */
public final class LoadingTime {

  private static final int BATCH = 128;

  private LoadingTime() {}

  /** Runs the timing. */
  public static void main(String[] args) {
    Datasets datasets = Datasets.onClassPath();
    for (int i = 0; i < Integer.parseInt(args[2]); i++) {
      long begin = System.nanoTime();
      try (Dataset dataset =
          datasets.load(DatasetRequest.of(args[0], Optional.of(Path.of(args[1]))))) {
        long loaded = System.nanoTime();
        int rows = gather(dataset.train(), dataset.schema().featureCount());
        System.out.printf(
            Locale.ROOT,
            "%s: loaded in %.3f s, %d rows in batches after %.3f s%n",
            args[0],
            (loaded - begin) * 1e-9,
            rows,
            (System.nanoTime() - begin) * 1e-9);
      }
    }
  }

  private static int gather(Table table, int width) {
    int[] order = new int[table.rows()];
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    for (int from = 0; from < order.length; from += BATCH) {
      int size = Math.min(BATCH, order.length - from);
      table.features(order, from, Tensor.zeros(Shape.of(size, width), ElementType.FLOAT32));
      table.targets(order, from, Tensor.zeros(Shape.of(size), ElementType.INT32));
    }
    return order.length;
  }
}
