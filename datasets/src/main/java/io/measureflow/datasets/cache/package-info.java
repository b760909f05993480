/** Cache files, created once per source and memory-mapped. */
@NullMarked
package io.measureflow.datasets.cache;

import org.jspecify.annotations.NullMarked;
