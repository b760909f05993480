package io.measureflow.datasets.format;

/**
 * A column of a table to be written.
 *
 * @param nullable whether cells may lack a value
 * @param label whether it is a label, in which case its text may look like a number
 */
public record Field(String name, ValueType type, boolean nullable, boolean label) {}
