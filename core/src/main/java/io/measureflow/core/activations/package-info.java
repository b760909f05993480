/** The activation functions of the specification, section 3, one class each. */
@NullMarked
package io.measureflow.core.activations;

import org.jspecify.annotations.NullMarked;
