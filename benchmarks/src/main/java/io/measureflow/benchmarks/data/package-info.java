/** Timings of data loading and of the feed of batches, and a generator of large tables for them. */
@NullMarked
package io.measureflow.benchmarks.data;

import org.jspecify.annotations.NullMarked;
