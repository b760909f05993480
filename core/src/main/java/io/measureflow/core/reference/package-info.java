/** The float64 backend of plain loops: the oracle that all others are compared with. */
@NullMarked
package io.measureflow.core.reference;

import org.jspecify.annotations.NullMarked;
