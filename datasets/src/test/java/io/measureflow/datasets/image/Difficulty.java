package io.measureflow.datasets.image;

import io.measureflow.api.data.Table;
import io.measureflow.datasets.testing.Fixtures;

/** Measures how hard images are to classify. */
final class Difficulty {

  private static final int PIXELS = 28 * 28;

  private Difficulty() {}

  /** Returns the mean image of each of ten classes. */
  static double[] centroids(Table table) {
    int[] labels = Fixtures.classes(table);
    double[] rows = Fixtures.features(table, PIXELS);
    double[] centroids = new double[10 * PIXELS];
    int[] counts = new int[10];
    for (int i = 0; i < labels.length; i++) {
      counts[labels[i]]++;
      for (int j = 0; j < PIXELS; j++) {
        centroids[labels[i] * PIXELS + j] += rows[i * PIXELS + j];
      }
    }
    for (int i = 0; i < centroids.length; i++) {
      centroids[i] /= counts[i / PIXELS];
    }
    return centroids;
  }

  /** Returns the accuracy, in per cent, of choosing the class with the nearest centroid. */
  static double nearestCentroid(double[] centroids, Table test) {
    int[] labels = Fixtures.classes(test);
    double[] rows = Fixtures.features(test, PIXELS);
    int right = 0;
    for (int i = 0; i < labels.length; i++) {
      int best = -1;
      double least = Double.POSITIVE_INFINITY;
      for (int k = 0; k < 10; k++) {
        double distance = 0;
        for (int j = 0; j < PIXELS; j++) {
          double difference = rows[i * PIXELS + j] - centroids[k * PIXELS + j];
          distance += difference * difference;
        }
        if (distance < least) {
          least = distance;
          best = k;
        }
      }
      right += best == labels[i] ? 1 : 0;
    }
    return 100.0 * right / labels.length;
  }
}
