package io.measureflow.simd;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.Capabilities;
import io.measureflow.api.backend.Capabilities.Reproducibility;
import io.measureflow.api.backend.Workspace;
import io.measureflow.simd.kernels.Kernels;
import io.measureflow.simd.threads.WorkerPool;

/** The kernels and threads shared by all workspaces. Workspaces are closed with it. */
final class SimdBackend implements Backend {

  private final Description description;
  private final Kernels kernels;
  private final WorkerPool pool;

  SimdBackend(Description description, Kernels kernels) {
    this.description = description;
    this.kernels = kernels;
    this.pool = new WorkerPool(description.threads());
  }

  @Override
  public Description description() {
    return description;
  }

  @Override
  public Capabilities capabilities() {
    return Capabilities.all(Reproducibility.ANY_THREADS);
  }

  @Override
  public Workspace newWorkspace() {
    if (pool.isClosed()) {
      throw new IllegalStateException("The simd backend was used after it was closed");
    }
    return new SimdWorkspace(kernels, pool);
  }

  @Override
  public void close() {
    pool.close();
  }
}
