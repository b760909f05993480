package io.measureflow.api.registry;

/**
 * One implementation with its kind. Modules bind it for kinds that the wiring does not know.
 *
 * @param kind its kind
 * @param service the implementation
 * @param <T> the type of the service
 */
public record Extension<T>(Kind<T> kind, T service) {}
