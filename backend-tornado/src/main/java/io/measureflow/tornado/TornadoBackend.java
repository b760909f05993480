package io.measureflow.tornado;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.Capabilities;
import io.measureflow.api.backend.Capabilities.Reproducibility;
import io.measureflow.api.backend.Workspace;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Set;

/** One TornadoVM device. Its workspaces are closed with it. */
final class TornadoBackend implements Backend {

  private final Description description;
  private final OpenDevice device;
  private final Set<TornadoWorkspace> workspaces = new LinkedHashSet<>();
  private volatile boolean closed;

  TornadoBackend(Description description, OpenDevice device) {
    this.description = description;
    this.device = device;
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
      throw new IllegalStateException("The tornado backend was used after it was closed");
    }
    var workspace = new TornadoWorkspace(this, device);
    workspaces.add(workspace);
    return workspace;
  }

  boolean isClosed() {
    return closed;
  }

  synchronized void forget(TornadoWorkspace workspace) {
    workspaces.remove(workspace);
  }

  @Override
  public synchronized void close() {
    closed = true;
    new ArrayList<>(workspaces).forEach(TornadoWorkspace::close);
  }
}
