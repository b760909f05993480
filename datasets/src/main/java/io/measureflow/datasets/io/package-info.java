/** Helpers shared by loaders: file errors, hashes, numbers in text and in memory. */
@NullMarked
package io.measureflow.datasets.io;

import org.jspecify.annotations.NullMarked;
