package io.measureflow.datasets.table;

import io.measureflow.api.backend.Tensor;
import io.measureflow.datasets.format.TableFile.Cells;
import java.util.List;
import java.util.stream.IntStream;

/** Presents the numbers of a batch as cells of columns. */
final class TableCells {

  private TableCells() {}

  /** Returns the columns of a batch [B, p], or the only one of a batch [B]. */
  static Cells[] of(Tensor batch) {
    int width = batch.shape().rank() == 2 ? batch.shape().dimension(1) : 1;
    return IntStream.range(0, width)
        .mapToObj(column -> new Numbers(batch, width, column))
        .toArray(Cells[]::new);
  }

  /** Presents classes by name. */
  static Cells named(Tensor classes, List<String> names) {
    return new Names(classes, names);
  }

  private record Numbers(Tensor batch, int width, int column) implements Cells {

    @Override
    public boolean isMissing(int row) {
      return false;
    }

    @Override
    public double number(int row) {
      return batch.get((long) row * width + column);
    }

    @Override
    public long integer(int row) {
      return (long) number(row);
    }

    @Override
    public String text(int row) {
      return String.valueOf(number(row));
    }
  }

  private record Names(Tensor classes, List<String> names) implements Cells {

    @Override
    public boolean isMissing(int row) {
      return false;
    }

    @Override
    public double number(int row) {
      return integer(row);
    }

    @Override
    public long integer(int row) {
      return Long.parseLong(text(row));
    }

    @Override
    public String text(int row) {
      return names.get((int) classes.get(row));
    }
  }
}
