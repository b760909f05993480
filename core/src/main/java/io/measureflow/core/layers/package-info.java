/** The layers that a model is stacked from. */
@NullMarked
package io.measureflow.core.layers;

import org.jspecify.annotations.NullMarked;
