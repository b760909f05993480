package io.measureflow.datasets.table;

import io.measureflow.api.backend.Tensor;
import io.measureflow.datasets.format.TableFile.Cells;
import io.measureflow.datasets.format.ValueType;
import java.util.List;
import java.util.regex.Pattern;

/** The names of classes, or other texts, as a column to be written: batches hold their indices. */
final class ClassNames {

  private static final Pattern CANONICAL_INTEGER = Pattern.compile("0|-?[1-9][0-9]{0,17}");

  private final List<String> names;
  private final ValueType type;

  /** The names as numbers; empty if they are text. */
  private final long[] integers;

  ClassNames(List<String> names) {
    this.names = names;
    boolean numbers =
        !names.isEmpty()
            && names.stream().allMatch(name -> CANONICAL_INTEGER.matcher(name).matches());
    type = numbers ? ValueType.INT64 : ValueType.TEXT;
    integers = numbers ? names.stream().mapToLong(Long::parseLong).toArray() : new long[0];
  }

  /** Returns the type of the column: integers if all names are integers in canonical form. */
  ValueType type() {
    return type;
  }

  /** Presents the names at the indices in a column of a batch [B, p], or of a batch [B]. */
  Cells cells(Tensor batch, int column) {
    return new Names(this, batch, TableCells.width(batch), column);
  }

  private record Names(ClassNames of, Tensor batch, int width, int column) implements Cells {

    private int index(int row) {
      return (int) batch.get((long) row * width + column);
    }

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
      return of.type == ValueType.INT64 ? of.integers[index(row)] : Cells.super.integer(row);
    }

    @Override
    public String text(int row) {
      return of.names.get(index(row));
    }
  }
}
