/** Configuration and wiring: which backend, which data, which flow, by name. */
@NullMarked
package io.measureflow.config;

import org.jspecify.annotations.NullMarked;
