/** Random tables against the whole command line. */
@NullMarked
package io.measureflow.cli.tables;

import org.jspecify.annotations.NullMarked;
