package io.measureflow.datasets.columns;

import io.measureflow.datasets.format.TableFile.Cells;
import io.measureflow.datasets.format.TableFile.Kind;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Reads the cells of a column as features. */
sealed interface InputReader {

  /**
   * Reads some rows.
   *
   * @param features receives the features; NaN where a value is missing and is not a value itself,
   *     infinity where there is something else than what the column holds
   * @param to the position of the first feature of the first row
   * @param step the distance between rows
   */
  void read(Cells cells, int from, int count, double[] features, int to, int step);

  /** What was read that is no value of a category, in one line. */
  default Optional<String> remark(String column) {
    return Optional.empty();
  }

  /**
   * The reader of a column.
   *
   * @param kind the kind of its cells
   * @param fills whether a missing value may be a value of a category
   */
  static InputReader of(Input input, Kind kind, boolean fills) {
    return switch (input) {
      case Input.Numbers numbers -> new Plain();
      case Input.Dates dates -> kind == Kind.DATE ? new Plain() : new TextDates();
      case Input.Categories(int column, List<String> values) ->
          new OneHot(values.size(), new CategoryCodes(values), fills);
    };
  }

  /** Numbers as they are. */
  record Plain() implements InputReader {

    @Override
    public void read(Cells cells, int from, int count, double[] features, int to, int step) {
      cells.numbers(from, count, features, to, step);
    }
  }

  /** Dates in text. */
  record TextDates() implements InputReader {

    @Override
    public void read(Cells cells, int from, int count, double[] features, int to, int step) {
      for (int i = 0; i < count; i++) {
        double value = Double.NaN;
        if (!cells.isMissing(from + i)) {
          double days = IsoDate.days(cells.text(from + i).strip());
          value = Double.isNaN(days) ? Double.POSITIVE_INFINITY : days;
        }
        features[to + i * step] = value;
      }
    }
  }

  /** One feature per value. */
  record OneHot(int width, CategoryCodes codes, boolean fills) implements InputReader {

    @Override
    public void read(Cells cells, int from, int count, double[] features, int to, int step) {
      for (int i = 0; i < count; i++) {
        boolean missing = cells.isMissing(from + i);
        int start = to + i * step;
        Arrays.fill(features, start, start + width, missing && !fills ? Double.NaN : 0);
        if (!missing || fills) {
          int code = missing ? codes.missing() : codes.code(cells.text(from + i));
          if (code != CategoryCodes.NONE) {
            features[start + code] = 1;
          }
        }
      }
    }

    @Override
    public Optional<String> remark(String column) {
      return codes.remark(column);
    }
  }
}
