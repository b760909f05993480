package io.measureflow.core.data;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Preprocessing;
import io.measureflow.api.data.Table;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A table whose features are filled and standardized as they are gathered. */
final class PreprocessedTable implements Table {

  private final Table table;
  private final FeatureTransform transform;

  PreprocessedTable(Table table, Preprocessing preprocessing) {
    this.table = table;
    transform = FeatureTransform.of(preprocessing);
  }

  @Override
  public int rows() {
    return table.rows();
  }

  @Override
  public void features(int[] order, int from, Tensor batch) {
    table.features(order, from, batch);
    MemorySegment memory = batch.memory();
    int rows = batch.shape().dimension(0);
    int width = batch.shape().dimension(1);
    switch (batch.type()) {
      case FLOAT32 -> {
        float[] row = new float[width];
        for (int i = 0; i < rows; i++) {
          long at = (long) i * width * Float.BYTES;
          MemorySegment.copy(memory, ValueLayout.JAVA_FLOAT, at, row, 0, width);
          transform.apply(row);
          MemorySegment.copy(row, 0, memory, ValueLayout.JAVA_FLOAT, at, width);
        }
      }
      case FLOAT64 -> {
        double[] row = new double[width];
        for (int i = 0; i < rows; i++) {
          long at = (long) i * width * Double.BYTES;
          MemorySegment.copy(memory, ValueLayout.JAVA_DOUBLE, at, row, 0, width);
          transform.apply(row);
          MemorySegment.copy(row, 0, memory, ValueLayout.JAVA_DOUBLE, at, width);
        }
      }
      case INT32 -> throw new IllegalArgumentException("Features are real numbers.");
    }
  }

  @Override
  public void targets(int[] order, int from, Tensor batch) {
    table.targets(order, from, batch);
  }

  @Override
  public int blocks() {
    return table.blocks();
  }

  @Override
  public int blockStart(int block) {
    return table.blockStart(block);
  }

  @Override
  public int window() {
    return table.window();
  }

  @Override
  public boolean inMemory() {
    return table.inMemory();
  }
}
