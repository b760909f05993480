/**
 * Pictures in one style: line plots, flows and neurons in the plane, animations, as PNG and GIF.
 */
@NullMarked
package io.measureflow.plots;

import org.jspecify.annotations.NullMarked;
