package io.measureflow.nd4j;

import io.measureflow.api.backend.Device;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.factory.Environment;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * The native libraries and their number of threads. Loaded with the first use of this class. The
 * number of threads is global to the process: every run sets its own first, and two backends with
 * different numbers must not run at the same time.
 */
final class Natives {

  private Natives() {}

  /** Loads the libraries and describes them. */
  static String version() {
    // Otherwise ND4J would run the garbage collector every few seconds.
    Nd4j.getMemoryManager().togglePeriodicGc(false);
    // Otherwise oneDNN would compute products of 32 bits; OpenBLAS was measured to be twice as fast
    // at
    // the sizes of a layer.
    Nd4j.getEnvironment().allowHelpers(false);
    String version = Nd4j.class.getPackage().getImplementationVersion();
    return "ND4J "
        + (version == null ? "1.0.0-M2.1" : version)
        + (Nd4j.getEnvironment().isCPU() ? ", CPU, " : ", CUDA, ")
        + Nd4j.factory().blas().getBlasVendor();
  }

  /** Returns whether ND4J computes in host memory. */
  static boolean onHost() {
    return Nd4j.getEnvironment().isCPU();
  }

  static Device device() {
    if (onHost()) {
      return new Device(
          "cpu",
          Device.Kind.CPU,
          "CPU " + System.getProperty("os.arch", "of unknown architecture"),
          Pointer.totalPhysicalBytes(),
          Runtime.getRuntime().availableProcessors());
    }
    NativeOps natives = NativeOpsHolder.getInstance().getDeviceNativeOps();
    return new Device(
        "gpu", Device.Kind.GPU, natives.getDeviceName(0), natives.getDeviceTotalMemory(0), 1);
  }

  /** Sets the number of threads of ND4J and of its BLAS, if separate. */
  static void setThreads(int threads) {
    Environment environment = Nd4j.getEnvironment();
    if (environment.maxMasterThreads() != threads) {
      environment.setMaxThreads(threads);
      environment.setMaxMasterThreads(threads);
    }
    var blas = Nd4j.factory().blas();
    if (blas.getMaxThreads() != threads) {
      blas.setMaxThreads(threads);
    }
  }

  /** Returns the number of threads reported by the libraries. */
  static int threads() {
    return Math.min(
        Nd4j.getEnvironment().maxMasterThreads(), Nd4j.factory().blas().getMaxThreads());
  }
}
