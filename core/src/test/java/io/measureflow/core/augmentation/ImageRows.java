package io.measureflow.core.augmentation;

import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Table;
import io.measureflow.core.data.ArrayDataset;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Images of two classes: noise, with a bright spot in the upper or the lower half.
 *
 * @param shape the shape of the images
 * @param trainRows the rows to train on
 * @param testRows the rows to test on
 */
public record ImageRows(Schema.ImageShape shape, ArrayDataset trainRows, ArrayDataset testRows)
    implements Dataset {

  /** Creates so many images to train on, and half as many to test on. */
  public static ImageRows of(Schema.ImageShape shape, int rows) {
    var random = new SplittableRandom(17);
    return new ImageRows(shape, rows(shape, rows, random), rows(shape, rows / 2, random));
  }

  private static ArrayDataset rows(Schema.ImageShape shape, int rows, SplittableRandom random) {
    int size = shape.channels() * shape.height() * shape.width();
    float[][] features = new float[rows][size];
    int[] labels = new int[rows];
    for (int i = 0; i < rows; i++) {
      labels[i] = i % 2;
      for (int j = 0; j < size; j++) {
        features[i][j] = random.nextInt(1, 64) / 255f;
      }
      int half = shape.height() / 2;
      int y = labels[i] * half + random.nextInt(half);
      features[i][y * shape.width() + random.nextInt(shape.width())] = 1;
    }
    return ArrayDataset.classes(features, labels, List.of("above", "below"));
  }

  @Override
  public String name() {
    return "spots";
  }

  @Override
  public Schema schema() {
    Schema rows = trainRows.schema();
    return new Schema(List.of(), rows.featureCount(), rows.target(), Optional.of(shape));
  }

  @Override
  public Table train() {
    return trainRows.train();
  }

  @Override
  public Optional<Table> test() {
    return Optional.of(testRows.train());
  }

  @Override
  public String fingerprint() {
    return "spots";
  }

  @Override
  public void close() {}
}
