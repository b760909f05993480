/** Hostile input for all loaders. */
@NullMarked
package io.measureflow.datasets.fuzz;

import org.jspecify.annotations.NullMarked;
