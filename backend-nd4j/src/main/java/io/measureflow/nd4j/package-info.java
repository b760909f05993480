/** The backend {@code nd4j}: ND4J arrays and matrix products, on the processor or by CUDA. */
@NullMarked
package io.measureflow.nd4j;

import org.jspecify.annotations.NullMarked;
