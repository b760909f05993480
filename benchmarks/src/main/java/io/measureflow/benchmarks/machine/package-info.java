/**
 * What the machine can do: the rate of a large matrix product, the bandwidth of the memory, and a
 * description of processor, caches and JVM.
 */
@NullMarked
package io.measureflow.benchmarks.machine;

import org.jspecify.annotations.NullMarked;
