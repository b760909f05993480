package io.measureflow.datasets.table;

import io.measureflow.api.backend.Tensor;
import io.measureflow.datasets.format.TableFile.Cells;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Presents the numbers of a batch as cells of columns. */
final class TableCells {

  private TableCells() {}

  /** Returns the columns of a batch [B, p], or the only one of a batch [B]. */
  static Cells[] of(Tensor batch) {
    int width = width(batch);
    return IntStream.range(0, width)
        .mapToObj(column -> new Numbers(batch, width, column))
        .toArray(Cells[]::new);
  }

  /** Returns the number of columns of a batch [B, p] or [B]. */
  static int width(Tensor batch) {
    return batch.shape().rank() == 2 ? batch.shape().dimension(1) : 1;
  }

  /** Creates windows that show nothing yet. */
  static Window[] windows(int count) {
    return Stream.generate(Window::new).limit(count).toArray(Window[]::new);
  }

  /** Presents cells from a row on. It is made once and moved, for batches of few rows. */
  static final class Window implements Cells {

    private @Nullable Cells cells;
    private int first;

    /** Presents other cells, from their first row on. */
    void show(Cells others) {
      cells = others;
      first = 0;
    }

    /** Moves to a row of the cells. */
    void moveTo(int row) {
      first = row;
    }

    private Cells cells() {
      Cells shown = cells;
      if (shown == null) {
        throw new IllegalStateException("There are no cells yet.");
      }
      return shown;
    }

    @Override
    public boolean isMissing(int row) {
      return cells().isMissing(first + row);
    }

    @Override
    public double number(int row) {
      return cells().number(first + row);
    }

    @Override
    public long integer(int row) {
      return cells().integer(first + row);
    }

    @Override
    public String text(int row) {
      return cells().text(first + row);
    }
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
}
