package io.measureflow.datasets.columns;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.datasets.io.Numbers;
import io.measureflow.datasets.store.ArrowMemory.Column;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Collects the rows of a table whose number is not known in advance. */
public final class TableRows implements RowSink {

  private static final int MOST_ROWS_PER_BLOCK = 1024;

  /** Limits a block, which for a wide table with few rows could be larger than the table. */
  private static final int NUMBERS_PER_BLOCK = 1 << 17;

  private final Path file;
  private final List<String> features;
  private final ElementType type;
  private final Optional<TableLabels> labels;
  private final List<MemorySegment> blocks = new ArrayList<>();
  private final int rowsPerBlock;
  private int inBlock;
  private int count;

  /** Creates an empty collection. */
  public TableRows(TablePlan plan, DatasetRequest request) {
    file = plan.path();
    features = plan.featureNames();
    rowsPerBlock =
        Math.clamp(NUMBERS_PER_BLOCK / Math.max(1, features.size()), 1, MOST_ROWS_PER_BLOCK);
    inBlock = rowsPerBlock;
    type = request.precision().elementType();
    labels = plan.labelled() ? Optional.of(new TableLabels(plan, request)) : Optional.empty();
  }

  public Path file() {
    return file;
  }

  public List<String> features() {
    return features;
  }

  /** Returns the labels of the rows; empty if the rows are for prediction. */
  public Optional<TableLabels> labels() {
    return labels;
  }

  public int count() {
    return count;
  }

  @Override
  public void row(double[] values, int at) {
    if (count == Integer.MAX_VALUE) {
      throw InvalidRequestException.of(
          file.toString(), "fewer than 2^31 rows", "more", "Split the file.");
    }
    int width = features.size();
    if (inBlock == rowsPerBlock) {
      int size = Math.multiplyExact(rowsPerBlock, width);
      blocks.add(
          type == ElementType.FLOAT32
              ? MemorySegment.ofArray(new float[size])
              : MemorySegment.ofArray(new double[size]));
      inBlock = 0;
    }
    Numbers.set(blocks.getLast(), type, (long) inBlock * width, values, at, width);
    inBlock++;
    count++;
  }

  @Override
  public void label(String text, long line) {
    labels.orElseThrow().add(text, line);
  }

  @Override
  public void target(int index, double value) {
    labels.orElseThrow().add(index, value);
  }

  /** Copies all features. */
  public void copyTo(Column column) {
    long at = 0;
    long size = (long) count * features.size() * type.bytes();
    for (MemorySegment block : blocks) {
      long n = Math.min(block.byteSize(), size - at);
      MemorySegment.copy(block, 0, column.memory(), at, n);
      at += n;
    }
  }
}
