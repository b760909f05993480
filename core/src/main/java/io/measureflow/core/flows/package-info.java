/** Integrators and optimisers, and how they are found by name. */
@NullMarked
package io.measureflow.core.flows;

import org.jspecify.annotations.NullMarked;
