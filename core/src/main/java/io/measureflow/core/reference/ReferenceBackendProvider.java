package io.measureflow.core.reference;

import io.measureflow.api.backend.Availability;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendProvider;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Capabilities;
import io.measureflow.api.backend.Capabilities.Reproducibility;
import io.measureflow.api.backend.Device;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.error.InvalidRequestException;
import java.util.ArrayList;
import java.util.List;

/**
 * The oracle: plain loops in float64, written for readability. Every other backend is compared with
 * it. It uses one thread whatever the settings say.
 */
public final class ReferenceBackendProvider implements BackendProvider {

  private static final String NAME = "reference";
  private static final Device DEVICE =
      new Device("cpu", Device.Kind.CPU, "plain Java loops in float64, one thread", 0, 1);

  /** Called by {@link java.util.ServiceLoader}. */
  public ReferenceBackendProvider() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Availability availability() {
    return new Availability.Available("java " + Runtime.version(), List.of(DEVICE));
  }

  @Override
  public List<Precision> precisions() {
    return List.of(Precision.FLOAT64);
  }

  /** False: it always computes on one thread. */
  @Override
  public boolean heedsThreads() {
    return false;
  }

  @Override
  public Backend open(BackendSettings settings) {
    if (settings.precision() != Precision.FLOAT64) {
      throw InvalidRequestException.of(
          "precision of backend " + NAME,
          Precision.FLOAT64.key(),
          settings.precision().key(),
          "Leave the precision out, or choose a backend that computes in it.");
    }
    return new ReferenceBackend();
  }

  private static final class ReferenceBackend implements Backend {

    private final List<ReferenceWorkspace> workspaces = new ArrayList<>();
    private boolean closed;

    @Override
    public Description description() {
      return new Description(NAME, "java " + Runtime.version(), DEVICE, 1, Precision.FLOAT64);
    }

    @Override
    public Capabilities capabilities() {
      return Capabilities.all(Reproducibility.ANY_THREADS);
    }

    @Override
    public synchronized Workspace newWorkspace() {
      if (closed) {
        throw new IllegalStateException("Backend " + NAME + " is closed");
      }
      var workspace = new ReferenceWorkspace();
      workspaces.add(workspace);
      return workspace;
    }

    @Override
    public synchronized void close() {
      closed = true;
      workspaces.forEach(ReferenceWorkspace::close);
      workspaces.clear();
    }
  }
}
