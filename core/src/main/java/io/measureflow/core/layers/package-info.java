/** The layers of MeasureFlow. */
@NullMarked
package io.measureflow.core.layers;

import org.jspecify.annotations.NullMarked;
