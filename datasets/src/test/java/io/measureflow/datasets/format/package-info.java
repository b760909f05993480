/** Tests of the contract for table formats, with an example of an external format. */
@NullMarked
package io.measureflow.datasets.format;

import org.jspecify.annotations.NullMarked;
