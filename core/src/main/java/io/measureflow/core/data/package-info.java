/** What is done with the rows of any loader: splits, missing values, standardised features. */
@NullMarked
package io.measureflow.core.data;

import org.jspecify.annotations.NullMarked;
