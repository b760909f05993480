/** Models: a stack of layers with the values of its parameters. */
@NullMarked
package io.measureflow.core.model;

import org.jspecify.annotations.NullMarked;
