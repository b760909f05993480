/**
 * Runs an experiment: the contract that an experiment implements, the laboratory that trains its
 * models, and the session that does the runs whose results are missing, appends them to the results
 * and writes the report.
 */
@NullMarked
package io.measureflow.experiments.runner;

import org.jspecify.annotations.NullMarked;
