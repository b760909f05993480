package io.measureflow.core.data;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Preprocessing;
import io.measureflow.api.data.Table;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** A table whose features are filled and standardised as they are gathered. */
final class PreprocessedTable implements Table {

  private final Table table;
  private final double[] fill;
  private final double[] mean;
  private final double[] deviation;

  PreprocessedTable(Table table, Preprocessing preprocessing) {
    this.table = table;
    fill = array(preprocessing.fill());
    mean = array(preprocessing.mean());
    deviation = array(preprocessing.deviation());
  }

  private static double[] array(List<Double> numbers) {
    return numbers.stream().mapToDouble(Double::doubleValue).toArray();
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
          for (int j = 0; j < fill.length; j++) {
            row[j] = Float.isNaN(row[j]) ? (float) fill[j] : row[j];
          }
          for (int j = 0; j < mean.length; j++) {
            row[j] = (float) ((row[j] - mean[j]) / deviation[j]);
          }
          MemorySegment.copy(row, 0, memory, ValueLayout.JAVA_FLOAT, at, width);
        }
      }
      case FLOAT64 -> {
        double[] row = new double[width];
        for (int i = 0; i < rows; i++) {
          long at = (long) i * width * Double.BYTES;
          MemorySegment.copy(memory, ValueLayout.JAVA_DOUBLE, at, row, 0, width);
          for (int j = 0; j < fill.length; j++) {
            row[j] = Double.isNaN(row[j]) ? fill[j] : row[j];
          }
          for (int j = 0; j < mean.length; j++) {
            row[j] = (row[j] - mean[j]) / deviation[j];
          }
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
