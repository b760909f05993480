/**
 * The report on performance: measures all cases in rounds, next to what the machine can do at that
 * moment, keeps the readings in a CSV file, and writes text and a roofline plot from that file.
 */
@NullMarked
package io.measureflow.benchmarks.report;

import org.jspecify.annotations.NullMarked;
