/**
 * The sampling experiment: draws ordinary networks of M neurons from a trained layer and compares
 * their outputs with what the exact covariance of the layer predicts.
 */
@NullMarked
package io.measureflow.experiments.sampling;

import org.jspecify.annotations.NullMarked;
