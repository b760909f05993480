/**
 * Datasets as the training loop sees them: a schema, tables of rows, and the loaders that provide
 * them.
 */
@NullMarked
package io.measureflow.api.data;

import org.jspecify.annotations.NullMarked;
