/** Helpers that several readers share: errors of files, hashes, numbers in text and in memory. */
@NullMarked
package io.measureflow.datasets.io;

import org.jspecify.annotations.NullMarked;
