/** Extensions from outside: a family and an activation that the library does not have. */
@NullMarked
package io.measureflow.examples;

import org.jspecify.annotations.NullMarked;
