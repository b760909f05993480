/** Images as datasets: IDX, CIFAR, folders of files, and built-in synthetic digits. */
@NullMarked
package io.measureflow.datasets.image;

import org.jspecify.annotations.NullMarked;
