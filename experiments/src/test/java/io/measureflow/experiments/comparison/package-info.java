@NullMarked
package io.measureflow.experiments.comparison;

import org.jspecify.annotations.NullMarked;
