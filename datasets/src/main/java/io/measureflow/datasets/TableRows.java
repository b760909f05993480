package io.measureflow.datasets;

import io.measureflow.api.backend.Precision;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Scaling;
import io.measureflow.api.data.DatasetRequest.Use;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.datasets.ArrowMemory.Column;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The rows of a table while its file is read, when their number is not known yet. */
final class TableRows {

  private static final int ROWS_PER_BLOCK = 1024;

  private final Path file;
  private final List<String> features;
  private final Optional<TableLabels> labels;
  private final boolean unit;
  private final boolean single;
  private final List<double[]> blocks = new ArrayList<>();
  private int inBlock = ROWS_PER_BLOCK;
  private int count;

  /**
   * No rows yet.
   *
   * @param features the names of the numeric columns without the label column
   */
  TableRows(Path file, List<String> features, DatasetRequest request) {
    if (features.isEmpty()) {
      throw InvalidRequestException.of(
          file.toString(),
          "at least one numeric column besides the label column",
          "none",
          "Check that the cells are separated by commas and that numbers are written with a"
              + " decimal point.");
    }
    this.file = file;
    this.features = List.copyOf(features);
    labels =
        request.use() == Use.TRAIN
            ? Optional.of(new TableLabels(file, request.columns().labels().getFirst()))
            : Optional.empty();
    unit = request.scaling().orElse(Scaling.NONE) == Scaling.UNIT;
    single = request.precision() == Precision.FLOAT32;
  }

  Path file() {
    return file;
  }

  List<String> features() {
    return features;
  }

  /** The labels of the rows; empty where the rows are to be predicted for. */
  Optional<TableLabels> labels() {
    return labels;
  }

  int count() {
    return count;
  }

  /** Begins a new row. */
  void beginRow() {
    if (count == Integer.MAX_VALUE) {
      throw InvalidRequestException.of(
          file.toString(), "fewer than 2^31 rows", "more", "Split the file.");
    }
    if (inBlock == ROWS_PER_BLOCK) {
      blocks.add(new double[Math.multiplyExact(ROWS_PER_BLOCK, features.size())]);
      inBlock = 0;
    }
    inBlock++;
    count++;
  }

  /**
   * Sets a feature of the current row.
   *
   * @param line where the row stands in the file, for messages
   */
  void set(int feature, double value, long line) {
    if (!Double.isFinite(single ? (float) value : value)) {
      throw cell(
          file,
          line,
          features.get(feature),
          "a finite number" + (Double.isFinite(value) ? " in the range of float32" : ""),
          String.valueOf(value));
    }
    if (unit && (value < 0 || value > 255)) {
      throw cell(
          file,
          line,
          features.get(feature),
          "a number from 0 to 255, for scaling to [0, 1]",
          String.valueOf(value));
    }
    blocks.getLast()[(inBlock - 1) * features.size() + feature] = unit ? value / 255 : value;
  }

  /** The error of a cell. */
  static InvalidRequestException cell(
      Path file, long line, String column, String expected, String found) {
    return InvalidRequestException.of(
        file + ", row " + line + ", column \"" + column + "\"",
        expected,
        found,
        "Correct the cell, or leave the row or the column out.");
  }

  /** Copies all rows, rounded to the type of the column. */
  void copyTo(Column column) {
    long at = 0;
    long size = (long) count * features.size();
    for (double[] block : blocks) {
      int n = (int) Math.min(block.length, size - at);
      switch (column.type()) {
        case FLOAT64 ->
            MemorySegment.copy(block, 0, column.memory(), ValueLayout.JAVA_DOUBLE, at * 8, n);
        case FLOAT32 -> {
          float[] rounded = new float[n];
          for (int i = 0; i < n; i++) {
            rounded[i] = (float) block[i];
          }
          MemorySegment.copy(rounded, 0, column.memory(), ValueLayout.JAVA_FLOAT, at * 4, n);
        }
        case INT32 -> throw new IllegalArgumentException("Features are real numbers.");
      }
      at += n;
    }
  }
}
