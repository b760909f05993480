package io.measureflow.api.data;

/**
 * A column of the table that a dataset was read from.
 *
 * @param name its name in the source
 * @param type the type of its values in the source
 * @param role how it is used
 */
public record SourceColumn(String name, String type, Role role) {

  /** How a column is used. */
  public enum Role {
    /** A feature, or several: one for each of its values. */
    FEATURE,
    /** The label, or one of several real targets. */
    LABEL,
    /** Left out, as its type says why. */
    LEFT_OUT
  }
}
