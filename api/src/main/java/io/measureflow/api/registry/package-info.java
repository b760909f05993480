/** Registries, one per kind of extension, in which everything with a name is found. */
@NullMarked
package io.measureflow.api.registry;

import org.jspecify.annotations.NullMarked;
