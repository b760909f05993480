/**
 * The search for settings: what is asked for, how a trial is trained and judged, what is kept on
 * disk, and what is shown at the end.
 */
@NullMarked
package io.measureflow.cli.tune;

import org.jspecify.annotations.NullMarked;
