/** Layers, models and losses: what is trained, described without saying on what it runs. */
@NullMarked
package io.measureflow.api.model;

import org.jspecify.annotations.NullMarked;
