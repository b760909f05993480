/** Operations that are computed as a whole, on all threads. */
@NullMarked
package io.measureflow.simd.operations;

import org.jspecify.annotations.NullMarked;
