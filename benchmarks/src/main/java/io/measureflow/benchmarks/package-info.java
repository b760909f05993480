/** JMH benchmarks: the cost of training steps, measured as ratios within one run. */
@NullMarked
package io.measureflow.benchmarks;

import org.jspecify.annotations.NullMarked;
