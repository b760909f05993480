/** The activation functions of docs/mathematics.md, section 3, one class each. */
@NullMarked
package io.measureflow.core.activations;

import org.jspecify.annotations.NullMarked;
