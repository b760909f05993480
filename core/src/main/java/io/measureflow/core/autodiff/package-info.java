/** Reverse-mode differentiation of programs, one rule per operation. */
@NullMarked
package io.measureflow.core.autodiff;

import org.jspecify.annotations.NullMarked;
