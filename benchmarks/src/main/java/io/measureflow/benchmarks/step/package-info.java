/**
 * The training step that is measured and the operations it consists of, with JMH benchmarks of both
 * and a watch on the memory of many steps.
 */
@NullMarked
package io.measureflow.benchmarks.step;

import org.jspecify.annotations.NullMarked;
