/** The families of components of the specification and how families are found by name. */
@NullMarked
package io.measureflow.core.families;

import org.jspecify.annotations.NullMarked;
