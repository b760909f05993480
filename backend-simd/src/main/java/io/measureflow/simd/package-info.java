/**
 * The default backend: float32 on the heap, vectorized with the Java Vector API, parallel with a
 * fixed order of every sum, so that results do not depend on the number of threads.
 *
 * <p>{@code program} compiles lowered programs to commands, {@code product} computes matrix
 * products, {@code operations} what is computed as a whole, {@code kernels} has the loops with
 * explicit vectors, each with a scalar twin, and {@code threads} shares out the work. Results below
 * the smallest normal number may be 0, since processors are slow with them.
 */
@NullMarked
package io.measureflow.simd;

import org.jspecify.annotations.NullMarked;
