/** {@code measureflow predict} and {@code measureflow evaluate}: use a trained model. */
@NullMarked
package io.measureflow.cli.predict;

import org.jspecify.annotations.NullMarked;
