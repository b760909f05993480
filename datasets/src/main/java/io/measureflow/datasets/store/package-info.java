/** Rows in memory: Arrow vectors, read in any order. No type of Arrow leaves this module. */
@NullMarked
package io.measureflow.datasets.store;

import org.jspecify.annotations.NullMarked;
