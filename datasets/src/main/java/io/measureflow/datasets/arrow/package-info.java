/** Arrow IPC files and streams, read with care for what is damaged or hostile. */
@NullMarked
package io.measureflow.datasets.arrow;

import org.jspecify.annotations.NullMarked;
