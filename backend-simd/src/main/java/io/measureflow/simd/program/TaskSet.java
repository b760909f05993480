package io.measureflow.simd.program;

import io.measureflow.simd.threads.WorkerPool;

/** Independent tasks. */
public record TaskSet(int count, WorkerPool.Tasks tasks) {}
