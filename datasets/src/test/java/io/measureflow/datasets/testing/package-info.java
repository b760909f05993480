/** Shared test helpers: requests and files, and a count of Arrow memory. */
@NullMarked
package io.measureflow.datasets.testing;

import org.jspecify.annotations.NullMarked;
