@NullMarked
package io.measureflow.core.data;

import org.jspecify.annotations.NullMarked;
