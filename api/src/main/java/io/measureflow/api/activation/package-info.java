/** Activation functions: their Gaussian moments and derivatives, written as operations. */
@NullMarked
package io.measureflow.api.activation;

import org.jspecify.annotations.NullMarked;
