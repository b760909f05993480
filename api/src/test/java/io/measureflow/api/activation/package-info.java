/** Tests of what activations are made of. */
@NullMarked
package io.measureflow.api.activation;

import org.jspecify.annotations.NullMarked;
