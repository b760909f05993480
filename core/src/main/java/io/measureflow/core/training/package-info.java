/** The programs of a training run and the loop that drives them. */
@NullMarked
package io.measureflow.core.training;

import org.jspecify.annotations.NullMarked;
