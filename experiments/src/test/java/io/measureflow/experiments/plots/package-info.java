@NullMarked
package io.measureflow.experiments.plots;

import org.jspecify.annotations.NullMarked;
