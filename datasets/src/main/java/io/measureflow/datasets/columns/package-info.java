/**
 * The meaning of the columns of a table: features, categories, labels, missing values. Decided here
 * once for all formats.
 */
@NullMarked
package io.measureflow.datasets.columns;

import org.jspecify.annotations.NullMarked;
