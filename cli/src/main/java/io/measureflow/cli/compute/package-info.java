/** {@code measureflow backends} and {@code measureflow bench}: what computes, and how fast. */
@NullMarked
package io.measureflow.cli.compute;

import org.jspecify.annotations.NullMarked;
