/** Flows: how parameters follow the gradient of the objective. */
@NullMarked
package io.measureflow.api.flow;

import org.jspecify.annotations.NullMarked;
