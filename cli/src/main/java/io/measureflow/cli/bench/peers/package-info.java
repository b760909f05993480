/**
 * The training step in other libraries: Python processes that stay alive and time a burst whenever
 * they are asked to.
 */
@NullMarked
package io.measureflow.cli.bench.peers;

import org.jspecify.annotations.NullMarked;
