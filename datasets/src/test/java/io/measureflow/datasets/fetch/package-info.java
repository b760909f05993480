/** Tests of downloads. */
@NullMarked
package io.measureflow.datasets.fetch;

import org.jspecify.annotations.NullMarked;
