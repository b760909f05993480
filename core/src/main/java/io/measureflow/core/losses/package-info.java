/** The losses that a model is trained under. */
@NullMarked
package io.measureflow.core.losses;

import org.jspecify.annotations.NullMarked;
