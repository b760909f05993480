/**
 * The experiments of the paper. An experiment is a list of runs, each a configuration and a seed;
 * the result of each goes into a CSV file before the next begins, and the report is made from that
 * file alone.
 */
@NullMarked
package io.measureflow.experiments;

import org.jspecify.annotations.NullMarked;
