/**
 * Benchmarks of training steps, as ratios within one run. {@link
 * io.measureflow.benchmarks.PerformanceReport} is the main program; the packages below hold its
 * parts and the JMH benchmarks.
 */
@NullMarked
package io.measureflow.benchmarks;

import org.jspecify.annotations.NullMarked;
