/** Atomic writing of files. */
@NullMarked
package io.measureflow.api.io;

import org.jspecify.annotations.NullMarked;
