@NullMarked
package io.measureflow.plots;

import org.jspecify.annotations.NullMarked;
