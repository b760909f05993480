/** Rows in Arrow vectors, with random access. No Arrow type leaves this module. */
@NullMarked
package io.measureflow.datasets.store;

import org.jspecify.annotations.NullMarked;
