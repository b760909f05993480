package io.measureflow.datasets.format;

/**
 * A column of a table that is written.
 *
 * @param nullable whether cells may lack a value
 * @param label whether it is to be predicted: a label may be text that reads as a number
 */
public record Field(String name, ValueType type, boolean nullable, boolean label) {}
