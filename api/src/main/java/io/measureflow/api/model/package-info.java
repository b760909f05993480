/** Layers, models and losses, described independently of the backend. */
@NullMarked
package io.measureflow.api.model;

import org.jspecify.annotations.NullMarked;
