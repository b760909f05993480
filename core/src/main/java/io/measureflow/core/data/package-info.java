/** Dataset preparation common to all loaders: splits, missing values, standardized features. */
@NullMarked
package io.measureflow.core.data;

import org.jspecify.annotations.NullMarked;
