package io.measureflow.api.data;

/**
 * A column of the table that a dataset was read from.
 *
 * @param name its name in the source
 * @param type what the source says of its values
 * @param role what became of it
 */
public record SourceColumn(String name, String type, Role role) {

  /** What a column became. */
  public enum Role {
    /** A feature. */
    FEATURE,
    /** The label, or one of several real targets. */
    LABEL,
    /** Neither: it is not numeric. */
    LEFT_OUT
  }
}
