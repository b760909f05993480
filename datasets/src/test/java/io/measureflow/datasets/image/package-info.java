/** Tests of images as datasets. */
@NullMarked
package io.measureflow.datasets.image;

import org.jspecify.annotations.NullMarked;
