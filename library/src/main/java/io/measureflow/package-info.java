/**
 * MeasureFlow as a library: data, backends, training, and trained models. Begin with {@link
 * io.measureflow.Training}.
 */
@NullMarked
package io.measureflow;

import org.jspecify.annotations.NullMarked;
