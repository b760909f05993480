/**
 * Pictures in one style: line plots, flows and neurons in the plane, animations, as PNG, SVG and
 * GIF, and the writer of HTML pages with them.
 */
@NullMarked
package io.measureflow.plots;

import org.jspecify.annotations.NullMarked;
