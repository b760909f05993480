/** Tests of mapped files. */
@NullMarked
package io.measureflow.datasets.cache;

import org.jspecify.annotations.NullMarked;
