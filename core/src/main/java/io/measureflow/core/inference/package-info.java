/** Prediction for single rows. */
@NullMarked
package io.measureflow.core.inference;

import org.jspecify.annotations.NullMarked;
