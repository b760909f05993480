package io.measureflow.datasets.testing;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Missing;
import io.measureflow.api.data.DatasetRequest.Scaling;
import io.measureflow.api.data.DatasetRequest.Use;
import io.measureflow.api.data.Table;
import io.measureflow.api.program.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Assumptions;

/** Requests, files and helpers shared by the tests. */
public final class Fixtures {

  private Fixtures() {}

  /** Returns a file or folder of the shared data; skips the test if there is none. */
  public static Path shared(String name) {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null) {
      Path candidate = folder.resolve("shared").resolve("data").resolve(name);
      if (Files.exists(candidate)) {
        return candidate;
      }
      folder = folder.getParent();
    }
    Assumptions.abort("no folder above this one has shared/data/" + name);
    throw new AssertionError();
  }

  public static DatasetRequest request(String name, Path data) {
    return DatasetRequest.of(name, Optional.of(data));
  }

  public static DatasetRequest in64(DatasetRequest request) {
    return request.withPrecision(Precision.FLOAT64);
  }

  public static DatasetRequest scaled(DatasetRequest request, Scaling scaling) {
    return request.withScaling(Optional.of(scaling));
  }

  public static DatasetRequest toPredict(DatasetRequest request) {
    return request.withUse(Use.PREDICT);
  }

  public static DatasetRequest withTest(DatasetRequest request, Path test) {
    return request.withTest(test);
  }

  /** Missing values are refused, and text is left out. */
  public static DatasetRequest strict(DatasetRequest request) {
    return request.withColumns(request.columns().withMissing(Missing.REFUSE).withMostCategories(0));
  }

  public static DatasetRequest labelled(DatasetRequest request, String label) {
    return request.withLabels(label);
  }

  public static byte[] gzip(byte[] bytes) {
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return out.toByteArray();
  }

  /** Builds the bytes of an IDX file: the header, then the elements. */
  public static byte[] idx(int[] dimensions, byte[] elements) {
    ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * dimensions.length + elements.length);
    bytes.put((byte) 0).put((byte) 0).put((byte) 8).put((byte) dimensions.length);
    for (int dimension : dimensions) {
      bytes.putInt(dimension);
    }
    return bytes.put(elements).array();
  }

  public static int[] inOrder(Table table) {
    return IntStream.range(0, table.rows()).toArray();
  }

  public static double[] features(Table table, int width) {
    Tensor batch = Tensor.zeros(Shape.of(table.rows(), width), ElementType.FLOAT64);
    table.features(inOrder(table), 0, batch);
    return batch.toDoubles();
  }

  public static float[] floats(Table table, int width, int... rows) {
    Tensor batch = Tensor.zeros(Shape.of(rows.length, width), ElementType.FLOAT32);
    table.features(rows, 0, batch);
    return batch.toFloats();
  }

  public static int[] classes(Table table) {
    Tensor batch = Tensor.zeros(Shape.of(table.rows()), ElementType.INT32);
    table.targets(inOrder(table), 0, batch);
    int[] classes = new int[table.rows()];
    for (int i = 0; i < classes.length; i++) {
      classes[i] = (int) batch.get(i);
    }
    return classes;
  }

  public static double[] reals(Table table) {
    Tensor batch = Tensor.zeros(Shape.of(table.rows(), 1), ElementType.FLOAT64);
    table.targets(inOrder(table), 0, batch);
    return batch.toDoubles();
  }

  public static void assertMentions(Throwable error, String... parts) {
    String message = String.valueOf(error.getMessage());
    for (String part : parts) {
      assertTrue(message.contains(part), () -> "expected \"" + part + "\" in: " + message);
    }
  }
}
