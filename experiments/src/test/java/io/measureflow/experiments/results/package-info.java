@NullMarked
package io.measureflow.experiments.results;

import org.jspecify.annotations.NullMarked;
