package io.measureflow.simd;

import io.measureflow.api.backend.Availability;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendProvider;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Device;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.error.InvalidRequestException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;

/** The backend {@code simd}: the Java Vector API on the processor, float32. Always available. */
public final class SimdBackendProvider implements BackendProvider {

  private static final String NAME = "simd";
  private static final Logger LOG = System.getLogger(SimdBackendProvider.class.getName());

  /** For the service loader. */
  public SimdBackendProvider() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Availability availability() {
    return new Availability.Available(version(Kernels.best()), List.of(processor()));
  }

  @Override
  public List<Precision> precisions() {
    return List.of(Precision.FLOAT32);
  }

  @Override
  public void prepare() {
    Thread.ofPlatform()
        .daemon()
        .name("measureflow-simd-warm-up")
        .start(() -> new WarmUp(Kernels.best()).run());
  }

  @Override
  public Backend open(BackendSettings settings) {
    if (settings.precision() != Precision.FLOAT32) {
      throw InvalidRequestException.of(
          "Backend simd, precision",
          Precision.FLOAT32.key(),
          settings.precision().key(),
          "Choose float32, or the backend reference for " + settings.precision().key() + ".");
    }
    if (!settings.section().isEmpty()) {
      throw InvalidRequestException.of(
          "Backend simd, settings",
          "none of its own",
          settings.section().keySet().toString(),
          "Remove them from section measureflow.simd.");
    }
    Kernels kernels = Kernels.best();
    if (kernels instanceof ScalarKernels) {
      LOG.log(
          Level.WARNING,
          "The Vector API is absent, the simd backend computes with scalar loops; start the JVM"
              + " with --add-modules jdk.incubator.vector to compute several times faster");
    } else {
      LOG.log(Level.DEBUG, "The simd backend computes with the {0}", kernels.description());
    }
    return new SimdBackend(
        new Backend.Description(
            NAME, version(kernels), processor(), settings.threads(), Precision.FLOAT32),
        kernels);
  }

  private static String version(Kernels kernels) {
    return "Java " + Runtime.version() + ", " + kernels.description();
  }

  private static Device processor() {
    Runtime runtime = Runtime.getRuntime();
    return new Device(
        "cpu",
        Device.Kind.CPU,
        "CPU " + System.getProperty("os.arch", "of unknown architecture"),
        runtime.maxMemory(),
        runtime.availableProcessors());
  }
}
