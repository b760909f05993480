/** Rows in files that are made once from each source and mapped into memory. */
@NullMarked
package io.measureflow.datasets.cache;

import org.jspecify.annotations.NullMarked;
