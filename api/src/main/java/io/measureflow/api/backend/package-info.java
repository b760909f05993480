/**
 * The service-provider interface of backends, which compile programs and keep their states on a
 * device.
 */
@NullMarked
package io.measureflow.api.backend;

import org.jspecify.annotations.NullMarked;
