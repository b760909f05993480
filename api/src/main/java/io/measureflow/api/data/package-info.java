/**
 * What a dataset offers to the training loop: a schema, tables of rows, and the providers that load
 * them.
 */
@NullMarked
package io.measureflow.api.data;

import org.jspecify.annotations.NullMarked;
