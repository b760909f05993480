/** Tests of files that appear whole or not at all. */
@NullMarked
package io.measureflow.api.io;

import org.jspecify.annotations.NullMarked;
