package io.measureflow.datasets.columns;

import io.measureflow.api.data.Encoding.Category;
import io.measureflow.datasets.format.TableFile.Column;
import io.measureflow.datasets.format.TableFile.Kind;
import java.util.List;

/** A column of a table that becomes features. */
public sealed interface Input {

  /** Returns the index of the column. */
  int column();

  /** Returns the number of features. */
  default int width() {
    return 1;
  }

  /** Returns the same of another column. */
  Input at(int other);

  /** Returns whether a column is such a one. */
  boolean suits(Column column);

  /** Returns what a suitable column is, for messages. */
  String expected();

  /** Numbers and truth values, as they are. */
  record Numbers(int column) implements Input {

    @Override
    public Numbers at(int other) {
      return new Numbers(other);
    }

    @Override
    public boolean suits(Column column) {
      return column.kind().isNumeric();
    }

    @Override
    public String expected() {
      return "a numeric column";
    }
  }

  /** Dates and times, in days since 1970-01-01; also as text. */
  record Dates(int column) implements Input {

    @Override
    public Dates at(int other) {
      return new Dates(other);
    }

    @Override
    public boolean suits(Column column) {
      // A column without any value may be called one of numbers; a cell that is no date is named.
      return column.kind() != Kind.OTHER;
    }

    @Override
    public String expected() {
      return "a column of dates";
    }
  }

  /**
   * One feature per value.
   *
   * @param values the values, as of a {@link Category}
   */
  record Categories(int column, List<String> values) implements Input {

    /** Copies the list. */
    public Categories {
      values = List.copyOf(values);
    }

    @Override
    public int width() {
      return values.size();
    }

    @Override
    public Categories at(int other) {
      return new Categories(other, values);
    }

    @Override
    public boolean suits(Column column) {
      return column.kind().isCategorical();
    }

    @Override
    public String expected() {
      return "a column of text, numbers or truth values";
    }
  }
}
