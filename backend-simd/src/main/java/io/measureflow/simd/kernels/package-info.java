/** The loops whose speed depends on vectors: two implementations, and the choice between them. */
@NullMarked
package io.measureflow.simd.kernels;

import org.jspecify.annotations.NullMarked;
