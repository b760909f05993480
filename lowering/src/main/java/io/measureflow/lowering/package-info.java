/**
 * Lowers programs for backends that generate or choose kernels: which operations are fused into
 * which product, how values lie in memory, and what can be computed together.
 */
@NullMarked
package io.measureflow.lowering;

import org.jspecify.annotations.NullMarked;
