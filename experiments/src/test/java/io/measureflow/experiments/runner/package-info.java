@NullMarked
package io.measureflow.experiments.runner;

import org.jspecify.annotations.NullMarked;
