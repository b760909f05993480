/** How everything that has a name is found: one registry for each kind of extension. */
@NullMarked
package io.measureflow.api.registry;

import org.jspecify.annotations.NullMarked;
