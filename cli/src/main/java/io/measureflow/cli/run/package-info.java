/**
 * What a training run leaves on the disk: its folder, the lock on it, the metrics and the plot of
 * them.
 */
@NullMarked
package io.measureflow.cli.run;

import org.jspecify.annotations.NullMarked;
