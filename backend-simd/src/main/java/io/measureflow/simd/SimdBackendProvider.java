package io.measureflow.simd;

import io.measureflow.api.backend.Availability;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendProvider;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Device;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.simd.kernels.KernelChoice;
import io.measureflow.simd.kernels.WarmUp;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/** The backend {@code simd}: the Java Vector API on the processor, float32. Always available. */
public final class SimdBackendProvider implements BackendProvider {

  private static final String NAME = "simd";
  private static final Logger LOG = System.getLogger(SimdBackendProvider.class.getName());

  /** Whether the choice of kernels, which is the same for all backends, has been logged. */
  private static final AtomicBoolean LOGGED = new AtomicBoolean();

  /** Whether the kernels are being compiled, which is the same for all backends. */
  private static final AtomicBoolean WARMING = new AtomicBoolean();

  private static final int THREADS_PER_PROCESSOR = 16;

  /** The maximum number of threads allowed on any machine, for tests and reproductions. */
  private static final int LEAST_BOUND = 64;

  /** Called by {@link java.util.ServiceLoader}. */
  public SimdBackendProvider() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Availability availability() {
    try {
      return new Availability.Available(version(KernelChoice.here()), List.of(processor()));
    } catch (InvalidRequestException e) {
      return new Availability.Unavailable(Objects.requireNonNullElse(e.getMessage(), ""));
    }
  }

  @Override
  public List<Precision> precisions() {
    return List.of(Precision.FLOAT32);
  }

  @Override
  public void prepare() {
    if (availability() instanceof Availability.Unavailable) {
      return; // open() reports the reason.
    }
    warmUp();
  }

  /** Lets the JVM compile the kernels, once, while the caller prepares its data. */
  private static void warmUp() {
    if (WARMING.compareAndSet(false, true)) {
      Thread.ofPlatform()
          .daemon()
          .name("measureflow-simd-warm-up")
          .start(() -> new WarmUp(KernelChoice.here().kernels()).run());
    }
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
    requireFewEnough(settings.threads());
    KernelChoice choice = KernelChoice.here();
    if (LOGGED.compareAndSet(false, true)) {
      LOG.log(
          choice.remedy().isEmpty() ? Level.DEBUG : Level.INFO,
          "The simd backend computes with {0}: {1}. {2}",
          choice.kernels().description(),
          choice.reason(),
          choice.remedy());
    }
    warmUp();
    return new SimdBackend(
        new Backend.Description(
            NAME, version(choice), processor(), settings.threads(), Precision.FLOAT32),
        choice.kernels());
  }

  /** Refuses far more threads than processors, which would only slow each other down. */
  private static void requireFewEnough(int threads) {
    int processors = Runtime.getRuntime().availableProcessors();
    int most = Math.max(LEAST_BOUND, THREADS_PER_PROCESSOR * processors);
    if (threads > most) {
      throw InvalidRequestException.of(
          "Backend simd, threads",
          "at most " + most,
          String.valueOf(threads),
          "Request as many threads as there are processors: " + processors + ".");
    }
  }

  private static String version(KernelChoice choice) {
    return "Java " + Runtime.version() + ", " + choice.description();
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
