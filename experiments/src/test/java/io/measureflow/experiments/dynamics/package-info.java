@NullMarked
package io.measureflow.experiments.dynamics;

import org.jspecify.annotations.NullMarked;
