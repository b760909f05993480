/**
 * {@code measureflow bench}: training steps, whole networks and matrix products, alone or in turns
 * with other libraries.
 */
@NullMarked
package io.measureflow.cli.bench;

import org.jspecify.annotations.NullMarked;
