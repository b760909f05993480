/** Flows: how the coordinates of a measure move along the gradient of the objective. */
@NullMarked
package io.measureflow.api.flow;

import org.jspecify.annotations.NullMarked;
