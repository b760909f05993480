/** The two kinds of errors shown to users: invalid requests and failed runs. */
@NullMarked
package io.measureflow.api.error;

import org.jspecify.annotations.NullMarked;
