package io.measureflow.api.backend;

/**
 * A device that a backend computes on.
 *
 * @param id the identifier by which the backend's settings choose it
 * @param description its name and kind, for people
 * @param memoryBytes its memory, 0 where unknown
 * @param parallelism how many threads or compute units it offers
 */
public record Device(String id, String description, long memoryBytes, int parallelism) {}
