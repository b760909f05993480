/** Augmentation: random changes of training samples that leave their targets as they are. */
@NullMarked
package io.measureflow.core.augmentation;

import org.jspecify.annotations.NullMarked;
