/** Threads that share the tasks of an operation. */
@NullMarked
package io.measureflow.simd.threads;

import org.jspecify.annotations.NullMarked;
