/**
 * The experiments of the paper. An experiment is a list of runs, each a configuration and a seed.
 * The result of each run goes into a CSV file before the next run begins, and the report is made
 * from that file alone. {@link io.measureflow.experiments.Experiments} finds experiments by name
 * and runs them.
 */
@NullMarked
package io.measureflow.experiments;

import org.jspecify.annotations.NullMarked;
