@NullMarked
package io.measureflow.experiments.sampling;

import org.jspecify.annotations.NullMarked;
