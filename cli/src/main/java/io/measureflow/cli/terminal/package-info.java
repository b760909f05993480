/**
 * Terminal properties, number formats, logging, the age of the process. Independent of commands.
 */
@NullMarked
package io.measureflow.cli.terminal;

import org.jspecify.annotations.NullMarked;
