/** Guice wiring for applications that want it, and for the command line. */
@NullMarked
package io.measureflow.guice;

import org.jspecify.annotations.NullMarked;
