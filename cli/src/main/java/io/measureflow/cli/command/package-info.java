/**
 * What every command is made of: its contract, the options that stand for settings, and the objects
 * that Guice wires from a configuration.
 */
@NullMarked
package io.measureflow.cli.command;

import org.jspecify.annotations.NullMarked;
