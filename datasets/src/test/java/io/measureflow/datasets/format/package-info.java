/** Tests of the contract for formats of tables, with a format as an outside author writes it. */
@NullMarked
package io.measureflow.datasets.format;

import org.jspecify.annotations.NullMarked;
