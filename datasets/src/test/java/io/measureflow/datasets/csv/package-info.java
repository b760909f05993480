/** Tests of separated values. */
@NullMarked
package io.measureflow.datasets.csv;

import org.jspecify.annotations.NullMarked;
