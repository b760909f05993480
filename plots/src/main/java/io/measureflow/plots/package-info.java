/** Plots in one style: lines, bands and points on axes, side by side in one PNG. */
@NullMarked
package io.measureflow.plots;

import org.jspecify.annotations.NullMarked;
