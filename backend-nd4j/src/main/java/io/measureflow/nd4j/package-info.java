/** The backend {@code nd4j}: arrays and matrix products of ND4J, on the processor or by CUDA. */
@NullMarked
package io.measureflow.nd4j;

import org.jspecify.annotations.NullMarked;
