/** {@code measureflow summary}: layers, shapes, parameters and operations of a model. */
@NullMarked
package io.measureflow.cli.summary;

import org.jspecify.annotations.NullMarked;
