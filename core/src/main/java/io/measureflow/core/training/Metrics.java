package io.measureflow.core.training;

/**
 * A model's result on some rows.
 *
 * @param loss the mean loss of a row
 * @param accuracy the fraction of rows whose class was predicted; NaN for real-valued targets
 * @param rows the number of rows
 */
public record Metrics(double loss, double accuracy, int rows) {}
