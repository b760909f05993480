package io.measureflow.core.data;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.Preprocessing;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Table;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** A table of given numbers, in blocks of a given size. */
final class Rows implements Table {

  private final double[][] features;
  private final int[] labels;
  private final int blockRows;
  private final int window;

  Rows(double[][] features, int[] labels, int blockRows, int window) {
    this.features = features;
    this.labels = labels;
    this.blockRows = blockRows;
    this.window = window;
  }

  static Rows of(double[][] features, int... labels) {
    return new Rows(features, labels, features.length, features.length);
  }

  @Override
  public int rows() {
    return features.length;
  }

  @Override
  public void features(int[] order, int from, Tensor batch) {
    int width = batch.shape().dimension(1);
    for (int i = 0; i < batch.shape().dimension(0); i++) {
      for (int j = 0; j < width; j++) {
        batch.set((long) i * width + j, features[order[from + i]][j]);
      }
    }
  }

  @Override
  public void targets(int[] order, int from, Tensor batch) {
    for (int i = 0; i < batch.shape().dimension(0); i++) {
      batch.set(i, labels[order[from + i]]);
    }
  }

  int[] labels() {
    return labels.clone();
  }

  @Override
  public int window() {
    return window;
  }

  @Override
  public int blocks() {
    return Math.ceilDiv(rows(), blockRows);
  }

  @Override
  public int blockStart(int block) {
    return Math.min(rows(), block * blockRows);
  }

  /** Returns a dataset of this table alone, with classes named by their numbers. */
  Dataset dataset(int classes) {
    return dataset(classes, this);
  }

  /** Returns a dataset of another table like this one. */
  Dataset dataset(int classes, Table table) {
    var schema =
        new Schema(
            List.of(),
            features[0].length,
            new Schema.Target.Classes(
                IntStream.range(0, classes).mapToObj(String::valueOf).toList()),
            Optional.empty());
    return new Dataset() {
      @Override
      public String name() {
        return "rows";
      }

      @Override
      public Schema schema() {
        return schema;
      }

      @Override
      public Table train() {
        return table;
      }

      @Override
      public Optional<Table> test() {
        return Optional.empty();
      }

      @Override
      public String fingerprint() {
        return "rows";
      }

      @Override
      public Preprocessing preprocessing() {
        return Preprocessing.scaled(schema, DatasetRequest.Scaling.NONE);
      }

      @Override
      public void close() {}
    };
  }
}
