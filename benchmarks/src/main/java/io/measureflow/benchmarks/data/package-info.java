/** Timings of data loading, and a generator of large tables for them. */
@NullMarked
package io.measureflow.benchmarks.data;

import org.jspecify.annotations.NullMarked;
