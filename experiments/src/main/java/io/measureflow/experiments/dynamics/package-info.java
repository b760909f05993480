/**
 * Experiments that follow a gradient flow step by step: a mixture layer against networks of neurons
 * drawn from it (dynamics), and a mixture in the plane as an animation (toy).
 */
@NullMarked
package io.measureflow.experiments.dynamics;

import org.jspecify.annotations.NullMarked;
