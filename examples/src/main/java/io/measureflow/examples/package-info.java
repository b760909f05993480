/**
 * Extensions from outside: one of each kind that is found by name, as docs/extensions.md explains.
 */
@NullMarked
package io.measureflow.examples;

import org.jspecify.annotations.NullMarked;
