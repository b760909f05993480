/**
 * Turns networks into other networks of the same function: weights of PyTorch into those of a
 * model, ordinary layers into measures of neurons (lifting), and measures into ordinary layers of
 * neurons drawn from them (sampling). Numbers are computed in float64 on the host.
 */
@NullMarked
package io.measureflow.core.conversion;

import org.jspecify.annotations.NullMarked;
