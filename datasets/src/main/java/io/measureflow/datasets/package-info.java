/**
 * Loaders, synthetic data and writers of predictions. Data lives in Apache Arrow vectors; no type
 * of Arrow leaves this package.
 */
@NullMarked
package io.measureflow.datasets;

import org.jspecify.annotations.NullMarked;
