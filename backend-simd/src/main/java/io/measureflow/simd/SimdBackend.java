package io.measureflow.simd;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.Capabilities;
import io.measureflow.api.backend.Capabilities.Reproducibility;
import io.measureflow.api.backend.Workspace;
import io.measureflow.simd.kernels.Kernels;
import io.measureflow.simd.threads.WorkerPool;
import java.util.ArrayList;
import java.util.List;

/** The kernels and threads shared by all workspaces. Workspaces are closed with it. */
final class SimdBackend implements Backend {

  private final Description description;
  private final Kernels kernels;
  private final WorkerPool pool;

  /** Those of which something still has memory outside the heap. */
  private final List<SimdWorkspace> workspaces = new ArrayList<>();

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
    var workspace = new SimdWorkspace(kernels, pool, this::forget);
    synchronized (workspaces) {
      workspaces.add(workspace);
    }
    return workspace;
  }

  @Override
  public void close() {
    pool.close();
    List<SimdWorkspace> open;
    synchronized (workspaces) {
      open = List.copyOf(workspaces);
    }
    open.forEach(SimdWorkspace::close);
  }

  private void forget(SimdWorkspace workspace) {
    synchronized (workspaces) {
      workspaces.remove(workspace);
    }
  }
}
