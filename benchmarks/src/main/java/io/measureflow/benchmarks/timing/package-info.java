/**
 * How times are taken and summed up: the median time of a short burst of runs, medians and
 * geometric means.
 */
@NullMarked
package io.measureflow.benchmarks.timing;

import org.jspecify.annotations.NullMarked;
