package io.measureflow.nd4j;

import io.measureflow.api.backend.Availability;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendProvider;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.error.InvalidRequestException;
import java.util.List;

/** The backend {@code nd4j}. Its native libraries are loaded when it is first asked for. */
public final class Nd4jBackendProvider implements BackendProvider {

  private static final String NAME = "nd4j";

  /** For the service loader. */
  public Nd4jBackendProvider() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Availability availability() {
    try {
      return new Availability.Available(Natives.version(), List.of(Natives.device()));
    } catch (RuntimeException | LinkageError e) {
      Throwable cause = e;
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      return new Availability.Unavailable(
          "the native libraries of ND4J cannot be loaded ("
              + cause
              + "); put nd4j-native, openblas and javacpp with the classifier of this platform, "
              + System.getProperty("os.name")
              + " "
              + System.getProperty("os.arch")
              + ", on the class path (docs/backends.md)");
    }
  }

  @Override
  public List<Precision> precisions() {
    return List.of(Precision.FLOAT32, Precision.FLOAT64);
  }

  @Override
  public Backend open(BackendSettings settings) {
    if (!settings.section().isEmpty()) {
      throw InvalidRequestException.of(
          "Backend nd4j, settings",
          "none of its own",
          settings.section().keySet().toString(),
          "Remove them from section measureflow.nd4j.");
    }
    if (availability() instanceof Availability.Unavailable(String reason)) {
      throw InvalidRequestException.of(
          "Backend nd4j",
          "native libraries that can be loaded",
          reason,
          "Install what is missing, or choose another backend.");
    }
    Natives.setThreads(settings.threads());
    return new Nd4jBackend(
        new Backend.Description(
            NAME, Natives.version(), Natives.device(), Natives.threads(), settings.precision()));
  }
}
