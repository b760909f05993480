/** Parquet files. */
@NullMarked
package io.measureflow.datasets.parquet;

import org.jspecify.annotations.NullMarked;
