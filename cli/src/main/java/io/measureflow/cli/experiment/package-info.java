/** {@code measureflow experiment} and {@code measureflow plot}: compare runs with each other. */
@NullMarked
package io.measureflow.cli.experiment;

import org.jspecify.annotations.NullMarked;
