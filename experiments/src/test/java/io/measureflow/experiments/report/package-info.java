@NullMarked
package io.measureflow.experiments.report;

import org.jspecify.annotations.NullMarked;
