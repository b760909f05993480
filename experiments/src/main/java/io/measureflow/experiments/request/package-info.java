/**
 * What a caller passes to {@link io.measureflow.experiments.Experiments}: which experiment to run
 * at which scale and where (a request), and the backend, data and progress (an environment).
 */
@NullMarked
package io.measureflow.experiments.request;

import org.jspecify.annotations.NullMarked;
