/**
 * The meaning of the columns of a table: features, labels, missing values, classes. Decided here
 * once for all formats.
 */
@NullMarked
package io.measureflow.datasets.columns;

import org.jspecify.annotations.NullMarked;
