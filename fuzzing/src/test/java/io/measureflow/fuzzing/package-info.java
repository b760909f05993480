/** Tests of the watch itself: a harness that finds nothing proves nothing. */
@NullMarked
package io.measureflow.fuzzing;

import org.jspecify.annotations.NullMarked;
