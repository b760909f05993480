/** Matrix products near the limit of the machine: plans, packing, tiles. */
@NullMarked
package io.measureflow.simd.product;

import org.jspecify.annotations.NullMarked;
