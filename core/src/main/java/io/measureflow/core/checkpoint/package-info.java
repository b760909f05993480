/** Checkpoints: safetensors files with the model and its provenance. */
@NullMarked
package io.measureflow.core.checkpoint;

import org.jspecify.annotations.NullMarked;
