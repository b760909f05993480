package io.measureflow.simd;

import io.measureflow.simd.threads.WorkerPool;

/** Independent tasks. */
record TaskSet(int count, WorkerPool.Tasks tasks) {}
