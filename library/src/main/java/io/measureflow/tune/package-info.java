/**
 * Searching for good settings: what to try ({@link io.measureflow.tune.SearchSpace}), and how to
 * spend epochs on it ({@link io.measureflow.tune.Search}). Neither knows how a model is trained.
 */
@NullMarked
package io.measureflow.tune;

import org.jspecify.annotations.NullMarked;
