package io.measureflow.nd4j;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.Capabilities;
import io.measureflow.api.backend.Capabilities.Reproducibility;
import io.measureflow.api.backend.Workspace;
import java.util.ArrayList;
import java.util.List;

/** The threads shared by all workspaces. Closing it closes them. */
final class Nd4jBackend implements Backend {

  private final Description description;
  private final Workers workers;
  private final List<Nd4jWorkspace> workspaces = new ArrayList<>();
  private boolean closed;

  Nd4jBackend(Description description) {
    this.description = description;
    workers = new Workers(description.threads());
  }

  @Override
  public Description description() {
    return description;
  }

  @Override
  public Capabilities capabilities() {
    return Capabilities.all(Reproducibility.SAME_THREADS);
  }

  @Override
  public synchronized Workspace newWorkspace() {
    if (closed) {
      throw new IllegalStateException("The nd4j backend was used after it was closed");
    }
    var workspace = new Nd4jWorkspace(this, description.precision(), workers);
    workspaces.add(workspace);
    return workspace;
  }

  synchronized void forget(Nd4jWorkspace workspace) {
    workspaces.remove(workspace);
  }

  /** Closes the workspaces, each after the run in progress on another thread, if any. */
  @Override
  public void close() {
    List<Nd4jWorkspace> open;
    synchronized (this) {
      closed = true;
      open = List.copyOf(workspaces);
    }
    // Without the lock: a workspace that is being closed removes itself.
    open.forEach(Nd4jWorkspace::close);
    workers.close();
  }
}
