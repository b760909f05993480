/** Applying trained models: to tables, and to single rows as they come. */
@NullMarked
package io.measureflow.core.inference;

import org.jspecify.annotations.NullMarked;
