/** Tables of any format as datasets: loading, streaming, conversion, and writing predictions. */
@NullMarked
package io.measureflow.datasets.table;

import org.jspecify.annotations.NullMarked;
