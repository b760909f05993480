/** The tests that every backend passes, to be subclassed by each. */
@NullMarked
package io.measureflow.conformance;

import org.jspecify.annotations.NullMarked;
