/** The files of a training run: its folder, the lock on it, the metrics and their plot. */
@NullMarked
package io.measureflow.cli.run;

import org.jspecify.annotations.NullMarked;
