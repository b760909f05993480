package io.measureflow.examples;

import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetProvider;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.core.data.ArrayDataset;
import java.util.List;

/**
 * Two spirals, one inside the other: 600 points of the plane in two classes.
 *
 * @param name the name to ask by
 */
public record SpiralsProvider(String name) implements DatasetProvider {

  private static final int ROWS = 600;

  /** Under its own name. */
  public SpiralsProvider() {
    this("spirals");
  }

  @Override
  public List<Description> descriptions() {
    return List.of(
        new Description(
            name, "Two spirals: 600 points, two classes", "Built in: no --data needed."));
  }

  @Override
  public Dataset load(DatasetRequest request) {
    float[][] features = new float[ROWS][];
    int[] labels = new int[ROWS];
    for (int i = 0; i < ROWS; i++) {
      labels[i] = i % 2;
      double radius = 0.2 + (double) i / ROWS;
      double angle = 2 * Math.PI * radius + Math.PI * labels[i];
      features[i] =
          new float[] {(float) (radius * Math.cos(angle)), (float) (radius * Math.sin(angle))};
    }
    return ArrayDataset.classes(features, labels).named(name);
  }
}
