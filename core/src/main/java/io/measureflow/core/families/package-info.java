/**
 * The families of components of docs/mathematics.md, section 2, and how families are found by name.
 */
@NullMarked
package io.measureflow.core.families;

import org.jspecify.annotations.NullMarked;
