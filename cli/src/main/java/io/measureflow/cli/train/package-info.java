/**
 * {@code measureflow train}: from the configuration to the summary, with progress, recording and
 * plots.
 */
@NullMarked
package io.measureflow.cli.train;

import org.jspecify.annotations.NullMarked;
