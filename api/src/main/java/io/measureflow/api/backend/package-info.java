/**
 * The service-provider interface of accelerators: a backend compiles programs and keeps their
 * states resident.
 */
@NullMarked
package io.measureflow.api.backend;

import org.jspecify.annotations.NullMarked;
