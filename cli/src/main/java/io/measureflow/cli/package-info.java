/** The {@code measureflow} command. */
@NullMarked
package io.measureflow.cli;

import org.jspecify.annotations.NullMarked;
