/**
 * The default backend: float32 on the heap, vectorized with the Java Vector API, parallel with a
 * fixed order of every sum, so that results do not depend on the number of threads.
 *
 * <p>A narrow interface, {@link io.measureflow.simd.kernels.Kernels}, has a vector and a scalar
 * implementation; everything else is plain loops that the compiler vectorizes. Results below the
 * smallest normal number may be 0, since processors are slow with them.
 */
@NullMarked
package io.measureflow.simd;

import org.jspecify.annotations.NullMarked;
