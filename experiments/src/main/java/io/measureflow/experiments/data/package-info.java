/**
 * The data of the experiments: benchmark datasets, points in the plane, features from random
 * patches, the first rows of a table; and the outputs of models on them.
 */
@NullMarked
package io.measureflow.experiments.data;

import org.jspecify.annotations.NullMarked;
