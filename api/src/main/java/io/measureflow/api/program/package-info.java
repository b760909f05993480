/**
 * The instruction set: a model, its gradients and its flow step are described once, as a {@link
 * io.measureflow.api.program.Program}.
 */
@NullMarked
package io.measureflow.api.program;

import org.jspecify.annotations.NullMarked;
