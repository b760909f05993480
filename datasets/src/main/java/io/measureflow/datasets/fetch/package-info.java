/** Downloads of known datasets, checked by their SHA-256. */
@NullMarked
package io.measureflow.datasets.fetch;

import org.jspecify.annotations.NullMarked;
