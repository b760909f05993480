package io.measureflow.api.registry;

/**
 * One implementation with its kind: what modules of a wiring bind where the kind is none that the
 * wiring knows.
 *
 * @param kind what it is
 * @param service the implementation
 * @param <T> the type of the service
 */
public record Extension<T>(Kind<T> kind, T service) {}
