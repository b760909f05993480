@NullMarked
package io.measureflow.experiments.testing;

import org.jspecify.annotations.NullMarked;
