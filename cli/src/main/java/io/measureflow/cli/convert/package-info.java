/** Commands that turn a network into another one: import, lift, sample. */
@NullMarked
package io.measureflow.cli.convert;

import org.jspecify.annotations.NullMarked;
