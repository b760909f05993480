package io.measureflow.api.data;

import java.util.ArrayList;
import java.util.List;

/**
 * How columns of a table that are not numbers became features. Stored with a model, so that later
 * rows are encoded alike.
 *
 * @param categories the columns that became one feature per value, in the order of the features
 * @param dates the names of the columns of dates and times that became days since 1970-01-01
 */
public record Encoding(List<Category> categories, List<String> dates) {

  /** Every feature is a column of numbers. */
  public static final Encoding NONE = new Encoding(List.of(), List.of());

  /** Copies the lists. */
  public Encoding {
    categories = List.copyOf(categories);
    dates = List.copyOf(dates);
  }

  /**
   * A column that became one feature per value: 1 where a row has the value, else 0. A value that
   * is not among them is 0 in all of its features.
   *
   * @param column the name of the column
   * @param values its values, sorted, at least one; {@link #MISSING} is last where there is one
   * @param first the index of the feature of its first value
   */
  public record Category(String column, List<String> values, int first) {

    /** The value of cells without one. */
    public static final String MISSING = "(missing)";

    /**
     * Copies the list.
     *
     * @throws IllegalArgumentException if there are no values, or one occurs twice
     */
    public Category {
      values = List.copyOf(values);
      if (values.isEmpty() || values.stream().distinct().count() != values.size() || first < 0) {
        throw new IllegalArgumentException(
            "expected different values of the category \"" + column + "\", found " + values);
      }
    }

    /** Returns the index after that of its last feature. */
    public int end() {
      return first + values.size();
    }

    /** Returns the names of its features. */
    public List<String> features() {
      return values.stream().map(value -> column + "=" + value).toList();
    }
  }

  /** Returns whether every feature is a column of numbers. */
  public boolean isNone() {
    return categories.isEmpty() && dates.isEmpty();
  }

  /**
   * Returns the names of the columns that features are from, in their order, each once.
   *
   * @param features the names of the features
   */
  public List<String> columns(List<String> features) {
    var columns = new ArrayList<String>();
    int next = 0;
    for (Category category : categories) {
      columns.addAll(features.subList(next, category.first()));
      columns.add(category.column());
      next = category.end();
    }
    columns.addAll(features.subList(next, features.size()));
    return List.copyOf(columns);
  }

  /**
   * Checks that the features of categories are there and do not overlap.
   *
   * @throws IllegalArgumentException if they do not
   */
  void requireFit(int featureCount) {
    int end = 0;
    for (Category category : categories) {
      if (category.first() < end || category.first() > featureCount - category.values().size()) {
        throw new IllegalArgumentException(
            "expected the values of \""
                + category.column()
                + "\" among "
                + featureCount
                + " features, after "
                + end
                + ", found them from "
                + category.first()
                + " to "
                + category.end());
      }
      end = category.end();
    }
  }
}
