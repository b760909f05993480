/** How good predictions are: metrics of classes and of real targets, gathered row by row. */
@NullMarked
package io.measureflow.core.metrics;

import org.jspecify.annotations.NullMarked;
