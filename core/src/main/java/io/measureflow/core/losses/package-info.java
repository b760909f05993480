/** The losses of MeasureFlow. */
@NullMarked
package io.measureflow.core.losses;

import org.jspecify.annotations.NullMarked;
