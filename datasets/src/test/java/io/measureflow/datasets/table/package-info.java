/** Tests of tables as datasets. */
@NullMarked
package io.measureflow.datasets.table;

import org.jspecify.annotations.NullMarked;
