/** The two ways in which a request ends badly: it was wrong, or it failed while running. */
@NullMarked
package io.measureflow.api.error;

import org.jspecify.annotations.NullMarked;
