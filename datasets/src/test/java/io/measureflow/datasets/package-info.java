/** Tests of loaders, synthetic data and writers. */
@NullMarked
package io.measureflow.datasets;

import org.jspecify.annotations.NullMarked;
