/** Integrators and optimizers. */
@NullMarked
package io.measureflow.core.flows;

import org.jspecify.annotations.NullMarked;
