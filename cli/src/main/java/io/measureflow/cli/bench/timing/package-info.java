/** Timings taken in turns: ratios within rounds, and the rounds that other processes disturbed. */
@NullMarked
package io.measureflow.cli.bench.timing;

import org.jspecify.annotations.NullMarked;
