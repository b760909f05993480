/**
 * What the columns of a table mean: which are features and labels, what is missing, which classes
 * there are. It is decided here once for all formats.
 */
@NullMarked
package io.measureflow.datasets.columns;

import org.jspecify.annotations.NullMarked;
