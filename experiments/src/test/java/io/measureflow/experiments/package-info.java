@NullMarked
package io.measureflow.experiments;

import org.jspecify.annotations.NullMarked;
