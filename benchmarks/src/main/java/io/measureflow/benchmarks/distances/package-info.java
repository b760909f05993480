/** Times of distances between Gaussian mixtures, beside POT. */
@NullMarked
package io.measureflow.benchmarks.distances;

import org.jspecify.annotations.NullMarked;
