/** Tests of Arrow files. */
@NullMarked
package io.measureflow.datasets.arrow;

import org.jspecify.annotations.NullMarked;
