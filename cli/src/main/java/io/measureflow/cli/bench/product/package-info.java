/** Matrix products of a backend and of OpenBLAS on the same arrays, in turns in one JVM. */
@NullMarked
package io.measureflow.cli.bench.product;

import org.jspecify.annotations.NullMarked;
