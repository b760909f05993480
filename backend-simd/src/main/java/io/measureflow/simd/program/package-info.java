/** Compiles lowered programs to commands over memory that is allocated once. */
@NullMarked
package io.measureflow.simd.program;

import org.jspecify.annotations.NullMarked;
