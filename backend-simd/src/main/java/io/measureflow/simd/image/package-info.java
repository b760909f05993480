/** Products with the windows of images, which are never written, and pools. */
@NullMarked
package io.measureflow.simd.image;

import org.jspecify.annotations.NullMarked;
