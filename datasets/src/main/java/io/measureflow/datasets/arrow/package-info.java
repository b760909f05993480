/** Arrow IPC files and streams, with checks against damaged or hostile input. */
@NullMarked
package io.measureflow.datasets.arrow;

import org.jspecify.annotations.NullMarked;
