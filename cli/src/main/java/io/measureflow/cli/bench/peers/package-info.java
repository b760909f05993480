/**
 * Training steps and networks in other libraries, and ours in a JVM of its own: processes that stay
 * alive and time a burst whenever they are asked to.
 */
@NullMarked
package io.measureflow.cli.bench.peers;

import org.jspecify.annotations.NullMarked;
