/**
 * Hostile input for readers of files: a seeded generator, and the watch over what a reader does.
 * And tables that are well-formed but odd, for whatever trains on them.
 */
@NullMarked
package io.measureflow.fuzzing;

import org.jspecify.annotations.NullMarked;
