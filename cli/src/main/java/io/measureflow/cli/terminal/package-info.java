/**
 * The terminal: what it is, numbers and logs for people, the age of the process. Knows no command.
 */
@NullMarked
package io.measureflow.cli.terminal;

import org.jspecify.annotations.NullMarked;
