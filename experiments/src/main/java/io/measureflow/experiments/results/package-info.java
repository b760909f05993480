/**
 * Runs and their results. A run is a set of settings and a seed; its results are rows of a CSV
 * file, which is replaced as a whole so that it holds all rows of a run or none. Everything here is
 * text until a report reads numbers from it.
 */
@NullMarked
package io.measureflow.experiments.results;

import org.jspecify.annotations.NullMarked;
