/** {@code measureflow datasets}: list, describe, convert and download datasets. */
@NullMarked
package io.measureflow.cli.data;

import org.jspecify.annotations.NullMarked;
