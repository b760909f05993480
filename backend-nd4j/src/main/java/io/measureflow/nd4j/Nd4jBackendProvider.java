package io.measureflow.nd4j;

import io.measureflow.api.backend.Availability;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendProvider;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.error.InvalidRequestException;
import java.util.List;
import java.util.Objects;

/** The backend {@code nd4j}. Its native libraries are loaded on first use. */
public final class Nd4jBackendProvider implements BackendProvider {

  private static final String NAME = "nd4j";

  private static final int THREADS_PER_PROCESSOR = 16;

  /** The maximum number of threads allowed on any machine, for tests and reproductions. */
  private static final int LEAST_BOUND = 64;

  /** Called by {@link java.util.ServiceLoader}. */
  public Nd4jBackendProvider() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Availability availability() {
    return Loading.RESULT;
  }

  /** Loads the libraries once; a second attempt would only report that the first had failed. */
  private static final class Loading {
    static final Availability RESULT = load();
  }

  private static Availability load() {
    try {
      return new Availability.Available(Natives.version(), List.of(Natives.device()));
    } catch (RuntimeException | LinkageError e) {
      return new Availability.Unavailable(
          """
          the native libraries of ND4J cannot be loaded: %s
            Put nd4j-native, openblas and javacpp with the classifier of this platform (%s %s)
            on the class path; docs/backends-nd4j.md names versions and platforms\
          """
              .formatted(
                  reason(e), System.getProperty("os.name", ""), System.getProperty("os.arch", "")));
    }
  }

  private static String reason(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String message =
        Objects.requireNonNullElse(cause.getMessage(), "").lines().findFirst().orElse("");
    return switch (cause) {
      case ClassNotFoundException _, NoClassDefFoundError _ -> "class " + message + " is missing";
      default -> message.isEmpty() ? cause.getClass().getSimpleName() : message;
    };
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
    requireFewEnough(settings.threads());
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

  /** Refuses far more threads than processors, which would only slow each other down. */
  private static void requireFewEnough(int threads) {
    int processors = Runtime.getRuntime().availableProcessors();
    int most = Math.max(LEAST_BOUND, THREADS_PER_PROCESSOR * processors);
    if (threads > most) {
      throw InvalidRequestException.of(
          "Backend nd4j, threads",
          "at most " + most,
          String.valueOf(threads),
          "Request as many threads as there are processors: " + processors + ".");
    }
  }
}
