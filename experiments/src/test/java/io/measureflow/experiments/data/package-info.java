@NullMarked
package io.measureflow.experiments.data;

import org.jspecify.annotations.NullMarked;
