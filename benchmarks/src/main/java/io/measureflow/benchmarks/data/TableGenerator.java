package io.measureflow.benchmarks.data;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.PredictionWriter;
import io.measureflow.api.program.Shape;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;
import java.util.SplittableRandom;

/**
 * Generates a table of any size to train on: columns x0, x1, ... of normal random numbers in
 * float32, and a label tanh(x0 + x1 x2) plus a little noise. The same seed gives the same table.
 *
 * <pre>
 * java -cp 'benchmarks/target/benchmarks.jar:benchmarks/target/lib/*' \
 *     io.measureflow.benchmarks.data.TableGenerator FILE.parquet|FILE.arrow ROWS COLUMNS SEED
 * </pre>
 *
 * <p>Given only the name of a file, it reads the file from start to end and prints the speed.
 */
public final class TableGenerator {

  private static final int BATCH = 1 << 15;

  private TableGenerator() {}

  /** Generates a table, or reads one. */
  public static void main(String[] args) throws IOException {
    long begin = System.nanoTime();
    Path file = Path.of(args[0]);
    if (args.length == 1) {
      long bytes = read(file);
      double seconds = (System.nanoTime() - begin) * 1e-9;
      System.out.printf(
          Locale.ROOT,
          "%s: %d bytes in %.2f s, %.0f MB/s%n",
          file,
          bytes,
          seconds,
          bytes / seconds / 1e6);
      return;
    }
    int rows = Integer.parseInt(args[1]);
    write(file, rows, Integer.parseInt(args[2]), Long.parseLong(args[3]));
    System.out.printf(
        Locale.ROOT,
        "%s: %d rows, %d bytes, made in %.2f s%n",
        file,
        rows,
        Files.size(file),
        (System.nanoTime() - begin) * 1e-9);
  }

  private static long read(Path file) throws IOException {
    byte[] buffer = new byte[1 << 20];
    long bytes = 0;
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 20)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        bytes += n;
      }
    }
    return bytes;
  }

  /** Writes a table with the prediction writer of its format. */
  static void write(Path file, int rows, int columns, long seed) {
    PredictionWriter writer =
        ServiceLoader.load(PredictionWriter.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(candidate -> candidate.writes(file))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("No known format for " + file));
    List<String> names = new ArrayList<>();
    for (int j = 0; j < columns; j++) {
      names.add("x" + j);
    }
    names.add("label");
    var random = new SplittableRandom(seed);
    int width = columns + 1;
    float[] values = new float[BATCH * width];
    try (PredictionWriter.Rows out = writer.open(file, names)) {
      for (int from = 0; from < rows; from += BATCH) {
        int count = Math.min(BATCH, rows - from);
        for (int i = 0; i < count; i++) {
          int at = i * width;
          for (int j = 0; j < columns; j++) {
            values[at + j] = (float) random.nextGaussian();
          }
          double signal = Math.tanh(values[at] + values[at + 1] * values[at + 2]);
          values[at + columns] = (float) (signal + 0.1 * random.nextGaussian());
        }
        float[] batch = count == BATCH ? values : Arrays.copyOf(values, count * width);
        out.append(
            new Tensor(Shape.of(count, width), ElementType.FLOAT32, MemorySegment.ofArray(batch)),
            count);
      }
      out.commit();
    }
  }
}
