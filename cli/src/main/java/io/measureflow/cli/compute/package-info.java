/** {@code measureflow backends}: the backends and what they can run on. */
@NullMarked
package io.measureflow.cli.compute;

import org.jspecify.annotations.NullMarked;
