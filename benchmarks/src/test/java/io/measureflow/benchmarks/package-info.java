@NullMarked
package io.measureflow.benchmarks;

import org.jspecify.annotations.NullMarked;
