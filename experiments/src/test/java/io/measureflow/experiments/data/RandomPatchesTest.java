package io.measureflow.experiments.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Table;
import io.measureflow.api.program.Shape;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RandomPatchesTest {

  /** Images of noise. */
  private record Noise(Rows train, Rows rows) implements Dataset {

    @Override
    public String name() {
      return "noise";
    }

    @Override
    public Schema schema() {
      return new Schema(
          List.of(),
          2 * 12 * 12,
          new Schema.Target.Classes(List.of("0", "1")),
          Optional.of(new Schema.ImageShape(2, 12, 12)));
    }

    @Override
    public Optional<Table> test() {
      return Optional.of(rows);
    }

    @Override
    public String fingerprint() {
      return "noise";
    }

    @Override
    public void close() {}
  }

  /** Rows of noise; the last is the first again. */
  private record Rows(int rows, long seed) implements Table {

    private double pixel(int row, int at) {
      long own = row == rows - 1 ? 0 : row;
      return new SplittableRandom(seed + 1000 * own + at).nextDouble();
    }

    @Override
    public void features(int[] order, int from, Tensor batch) {
      int width = batch.shape().dimension(1);
      for (int i = 0; i < batch.shape().dimension(0); i++) {
        for (int j = 0; j < width; j++) {
          batch.set((long) i * width + j, pixel(order[from + i], j));
        }
      }
    }

    @Override
    public void targets(int[] order, int from, Tensor batch) {
      for (int i = 0; i < batch.shape().dimension(0); i++) {
        batch.set(i, order[from + i] % 2);
      }
    }
  }

  @Test
  void featuresOfPatchesAreStandardisedByTheTrainingRows() {
    var patches = new RandomPatches(new Noise(new Rows(50, 1), new Rows(20, 9)), 8, 3);
    int width = patches.schema().featureCount();
    assertEquals(4 * 8, width);
    float[] features = new float[50 * width];
    int[] order = new int[50];
    for (int i = 0; i < 50; i++) {
      order[i] = i;
    }
    patches.train().features(order, 0, Tensor.of(Shape.of(50, width), features));
    for (int j = 0; j < width; j++) {
      double mean = 0;
      double square = 0;
      for (int row = 0; row < 50; row++) {
        mean += features[row * width + j] / 50.0;
        square += features[row * width + j] * features[row * width + j] / 50.0;
      }
      assertEquals(0, mean, 1e-5, "column " + j);
      // A filter that answers nowhere has no variance.
      assertTrue(Math.abs(square - 1.0 / width) <= 1e-4 / width || square == 0, "column " + j);
    }
    for (int j = 0; j < width; j++) {
      assertEquals(features[j], features[49 * width + j]);
    }
    float[] again = new float[width];
    new RandomPatches(new Noise(new Rows(50, 1), new Rows(20, 9)), 8, 3)
        .train()
        .features(new int[] {7}, 0, Tensor.of(Shape.of(1, width), again));
    for (int j = 0; j < width; j++) {
      assertEquals(features[7 * width + j], again[j]);
    }
  }
}
