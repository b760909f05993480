/**
 * Hostile input for readers of files: a seeded generator, and the watch over what a reader does.
 */
@NullMarked
package io.measureflow.fuzzing;

import org.jspecify.annotations.NullMarked;
