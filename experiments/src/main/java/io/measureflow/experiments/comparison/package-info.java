/**
 * Experiments that train layers on benchmark datasets and compare their accuracies: between
 * families at tuned learning rates (parity, depth, cifar), over learning rates (stability), and
 * over initial spreads (spread).
 */
@NullMarked
package io.measureflow.experiments.comparison;

import org.jspecify.annotations.NullMarked;
