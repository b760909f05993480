@NullMarked
package io.measureflow.benchmarks.report;

import org.jspecify.annotations.NullMarked;
