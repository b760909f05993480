/** The training loop and its programs. */
@NullMarked
package io.measureflow.core.training;

import org.jspecify.annotations.NullMarked;
