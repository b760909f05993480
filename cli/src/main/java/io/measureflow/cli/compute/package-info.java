/** {@code measureflow backends} and {@code measureflow bench}: backends and their speed. */
@NullMarked
package io.measureflow.cli.compute;

import org.jspecify.annotations.NullMarked;
